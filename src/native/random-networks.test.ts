import { describe, expect, it, type TestContext } from "vitest";
import { evaluate } from "../../test/support/evaluate.ts";
import { needs } from "../../test/support/needs.ts";
import { randomNetwork } from "../../test/support/random-network.ts";
import { randomStream } from "../base/random.ts";
import { refTensor, toRef } from "../reference/ref-tensor.ts";
import { adamW, type Optimizer, sgd } from "../train/step/optimizers.ts";
import { composeTrainStep, type TrainStep, type TrainStepOptions } from "../train/step/train-step.ts";
import type { Dnnl } from "./binding/dnnl.ts";
import { openEngine } from "./open-engine-node.ts";
import { DnnlSession } from "./session.ts";

const BATCH = 3;
const SEEDS = 40;

/** What differs from seed to seed: every part of a step in several combinations. */
function optionsOf(seed: number): TrainStepOptions {
  const optimizers: Optimizer[] = [
    sgd({ momentum: 0.9, nesterov: true, weightDecay: 1e-2 }),
    sgd({ momentum: 0, weightDecay: 0 }),
    sgd({ momentum: 0.5, nesterov: false }),
    adamW({ weightDecay: 0.1 }),
  ];
  return {
    batch: BATCH,
    optimizer: optimizers[seed % optimizers.length],
    labelSmoothing: seed % 3 === 0 ? 0.1 : 0,
    clipNorm: seed % 5 === 0 ? 0.5 : undefined,
    ema: seed % 2 === 0 ? 0.9 : undefined,
    isFrozen: (name) => seed % 7 === 0 && name.startsWith("stem."),
    rateOf: (name) => (seed % 6 === 0 && name.startsWith("fc") ? 3 : 1),
  };
}

describe("networks put together at random", () => {
  it.for(Array.from({ length: SEEDS }, (_, seed) => seed))("step %i is the reference's", (seed, context) =>
    check(seed, context),
  );
});

async function check(seed: number, context: TestContext): Promise<void> {
  const { library } = await openEngine();
  needs(context, "oneDNN's library", library !== undefined);
  const step = composeTrainStep(randomNetwork(seed), optionsOf(seed));
  try {
    compare(library as Dnnl, step, seed);
  } finally {
    library?.dispose();
  }
}

function compare(library: Dnnl, step: TrainStep, seed: number): void {
  library.setThreads(2);
  const session = new DnnlSession(library, step.graph);
  const random = randomStream(seed, 1);
  const feeds: Record<string, Float32Array> = {};
  for (const { name = "", shape, tensor } of step.graph.inputs) {
    if (tensor) continue;
    const count = shape.reduce<number>((product, dim) => product * Number(dim), 1);
    feeds[name] = Float32Array.from({ length: count }, () =>
      name === "images" ? 2 * random() - 1 : random(),
    );
  }
  feeds.labels = Float32Array.from({ length: BATCH }, (_, i) => i % 4);
  feeds.learning_rate = Float32Array.of(0.5);
  for (const [name, numbers] of Object.entries(feeds)) session.input(name).set(numbers);
  session.run();
  const shapes = new Map(step.graph.inputs.map(({ name = "", shape }) => [name, shape.map(Number)]));
  const wanted = evaluate(step.graph, {
    ...Object.fromEntries(step.slots.map(({ value }) => [value.name, toRef(value.tensor as never)])),
    ...Object.fromEntries(
      Object.entries(feeds).map(([name, numbers]) => [
        name,
        refTensor(shapes.get(name) ?? [], Float64Array.from(numbers)),
      ]),
    ),
  });
  expect(session.output("loss")[0]).toBeCloseTo(wanted.loss.data[0], 4);
  const moves = step.slots.map(({ value }) => {
    const { name = "" } = value;
    const [found, start, next] = [
      session.readState(name),
      toRef(value.tensor as never).data,
      wanted[`next/${name}`].data,
    ];
    return { name, ...distances(found, start, next) };
  });
  // Some gradients are 0 but for rounding (of a bias before a BatchNorm): what is small beside all others may be so.
  const rounding = 1e-5 * Math.max(...moves.map(({ moved }) => moved));
  for (const { name, apart, moved, length } of moves) {
    // AdamW makes a whole step of any gradient that is not 0; its moments show what it was.
    if (step.slots.some(({ value }) => value.name === `exp_avg/${name.replace("ema/", "")}`)) continue;
    expect(apart, name).toBeLessThan(5e-3 * moved + 1e-6 * length + rounding);
  }
}

/** How far the numbers found are from those wanted, how far these moved from the start, and how long they are. */
function distances(found: Float32Array, start: ArrayLike<number>, next: Float64Array) {
  let [apart, moved, length] = [0, 0, 0];
  next.forEach((number, i) => {
    apart += (found[i] - number) ** 2;
    moved += (number - start[i]) ** 2;
    length += number ** 2;
  });
  return { apart: Math.sqrt(apart), moved: Math.sqrt(moved), length: Math.sqrt(length) };
}
