import { describe, expect, it } from "vitest";
import { evaluate } from "../../../test/support/evaluate.ts";
import type { Value } from "../../ir/graph.ts";
import { tensor } from "../../ir/tensor.ts";
import { newGraph } from "../../ops/new-graph.ts";
import { refTensor, toRef } from "../../reference/ref-tensor.ts";
import type { RefTensor } from "../../reference/types.ts";
import { adamW, type Optimizer, sgd } from "./optimizers.ts";

const STEPS = 5;
const rates = [0.1, 0.2, 0.05, 0.05, 0.3];
const start = [0.5, -1, 2];
const gradientAt = (t: number) => [0.3 - 0.1 * t, (-1) ** t, 0.01 * t * t];

/** Parameter after each step, as the optimizer's graph computes it; `decayed` decays, `plain` does not. */
function run(optimizer: Optimizer): { decayed: number[][]; plain: number[][]; slots: string[] } {
  const b = newGraph("optimizer");
  const names = ["decayed", "plain"];
  const updates = names.map((name) => ({
    parameter: b.parameter(name, tensor([3], start)),
    gradient: b.input(`${name}.grad`, "float32", [3]),
    decay: name === "decayed",
  }));
  const learningRate = b.input("lr", "float32", []);
  const slots = optimizer(b, updates, learningRate);
  b.feed(slots.map(({ value }) => value));
  for (const { value, next } of slots) b.output(`next/${value.name}`, next);
  const graph = b.build();

  const nameOf = (value: Value) => value.name ?? "";
  let state: Record<string, RefTensor> = {};
  for (const { value } of slots) if (value.tensor) state[nameOf(value)] = toRef(value.tensor);
  const found: { decayed: number[][]; plain: number[][] } = { decayed: [], plain: [] };
  for (let t = 0; t < STEPS; t++) {
    const gradient = refTensor([3], gradientAt(t));
    const feeds = { "decayed.grad": gradient, "plain.grad": gradient, lr: refTensor([], [rates[t]]) };
    const next = evaluate(graph, { ...feeds, ...state });
    state = Object.fromEntries(Object.keys(state).map((name) => [name, next[`next/${name}`]]));
    found.decayed.push(Array.from(state.decayed.data));
    found.plain.push(Array.from(state.plain.data));
  }
  return { ...found, slots: slots.map(({ value }) => nameOf(value)).sort() };
}

/** One number at a time, straight from PyTorch's documentation; what it returns after each step. */
type Plain = (p: number, g: number, lr: number, t: number, memory: number[]) => number;

function expected(plain: Plain): number[][] {
  const memories = start.map(() => [0, 0]);
  let p = start;
  return rates.map((lr, t) => {
    p = p.map((value, i) => plain(value, gradientAt(t)[i], lr, t, memories[i]));
    return p;
  });
}

function expectClose(found: number[][], wanted: number[][]): void {
  expect(found.length).toBe(STEPS);
  found.flat().forEach((value, i) => {
    // Constants of the graph are float32.
    expect(Math.abs(value - wanted.flat()[i])).toBeLessThan(2e-6);
  });
}

describe("sgd", () => {
  // torch.optim.SGD: g ← g + λp; v ← µv + g; p ← p − lr·(g + µv) (Nesterov) or p − lr·v.
  const torch =
    (momentum: number, nesterov: boolean, decay: number): Plain =>
    (p, gradient, lr, _t, memory) => {
      const g = gradient + decay * p;
      memory[0] = momentum * memory[0] + g;
      return p - lr * (nesterov ? g + momentum * memory[0] : memory[0]);
    };

  it.each([
    [0.9, true, 0.01],
    [0.9, false, 0.01],
    [0.5, true, 0],
    [0, false, 0.1],
  ])("momentum %f, nesterov %s, weight decay %f", (momentum, nesterov, weightDecay) => {
    const found = run(sgd({ momentum, nesterov, weightDecay }));
    expectClose(found.decayed, expected(torch(momentum, nesterov, weightDecay)));
    expectClose(found.plain, expected(torch(momentum, nesterov, 0)));
  });

  it("has the documented defaults", () => {
    expect(run(sgd())).toEqual(run(sgd({ momentum: 0.9, nesterov: true, weightDecay: 5e-4 })));
  });

  it("keeps one momentum a parameter, and none without momentum", () => {
    expect(run(sgd()).slots).toEqual(["decayed", "momentum/decayed", "momentum/plain", "plain"]);
    expect(run(sgd({ momentum: 0 })).slots).toEqual(["decayed", "plain"]);
  });
});

describe("adamW", () => {
  // torch.optim.AdamW, amsgrad off.
  const torch =
    ([beta1, beta2]: readonly [number, number], epsilon: number, decay: number): Plain =>
    (p, g, lr, t, memory) => {
      const decayed = p * (1 - lr * decay);
      memory[0] = beta1 * memory[0] + (1 - beta1) * g;
      memory[1] = beta2 * memory[1] + (1 - beta2) * g * g;
      const mean = memory[0] / (1 - beta1 ** (t + 1));
      const square = memory[1] / (1 - beta2 ** (t + 1));
      return decayed - (lr * mean) / (Math.sqrt(square) + epsilon);
    };

  it.each<[readonly [number, number], number, number]>([
    [[0.9, 0.99], 1e-8, 0.05],
    [[0.5, 0.75], 1e-2, 0],
    [[0.9, 0.75], 1e-8, 0.5],
  ])("betas %s, epsilon %f, weight decay %f", (betas, epsilon, weightDecay) => {
    const found = run(adamW({ betas, epsilon, weightDecay }));
    expectClose(found.decayed, expected(torch(betas, epsilon, weightDecay)));
    expectClose(found.plain, expected(torch(betas, epsilon, 0)));
  });

  it("has the documented defaults", () => {
    expect(run(adamW())).toEqual(run(adamW({ betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0.05 })));
  });

  it("keeps two means a parameter and the powers of its betas", () => {
    expect(run(adamW()).slots).toEqual([
      "beta1_power",
      "beta2_power",
      "decayed",
      "exp_avg/decayed",
      "exp_avg/plain",
      "exp_avg_sq/decayed",
      "exp_avg_sq/plain",
      "plain",
    ]);
  });
});

it.each([1, 2, -0.5, Number.NaN])("sgd refuses a momentum of %d", (momentum) => {
  expect(() => sgd({ momentum })).toThrow(
    `sgd.momentum: expected a share of at least 0 and below 1, found ${momentum}; correct the option.`,
  );
});
