import { expect, test } from "vitest";
import { randomTensor } from "../src/analysis/random-feeds.ts";
import { randomStream } from "../src/base/random.ts";
import { type Graph, knownShape, parametersOf, statesOf } from "../src/ir/graph.ts";
import { tensor } from "../src/ir/tensor.ts";
import { readOnnx } from "../src/onnx/read-onnx.ts";
import { writeOnnx } from "../src/onnx/write-onnx.ts";
import { createSession } from "../src/runtime/node.ts";
import { sgd } from "../src/train/step/optimizers.ts";
import { createStepRunner } from "../src/train/step/step-runner.ts";
import { trainStep } from "../src/train/step/train-step.ts";
import { oldModel } from "./support/old-model.ts";

const fill = (length: number, content: number) => tensor([length], new Float32Array(length).fill(content));

/**
 * A fresh network as an exporter writes it, with two convolutions that begin equal. `shared` stores each content once: the
 * convolutions' weights, the shifts and means of both normalizations, all zero, and their scales and variances, all one.
 */
function network(shared: boolean): Graph {
  const layer = (i: number) => {
    const [weight, ones, zeros] = shared ? ["w", `ones${i}`, "zeros"] : [`w${i}`, `scale${i}`, `shift${i}`];
    const statistics = shared ? [zeros, ones] : [`mean${i}`, `var${i}`];
    const from = i === 1 ? "x" : "a1";
    return [
      {
        op: "Conv",
        inputs: [from, weight],
        outputs: [`c${i}`],
        attrs: { pads: [1n, 1n, 1n, 1n].map(Number) },
      },
      { op: "BatchNormalization", inputs: [`c${i}`, ones, zeros, ...statistics], outputs: [`n${i}`] },
      { op: "Relu", inputs: [`n${i}`], outputs: [`a${i}`] },
    ];
  };
  const nodes = [
    ...[1, 2].flatMap(layer),
    { op: "GlobalAveragePool", inputs: ["a2"], outputs: ["p"] },
    { op: "Flatten", inputs: ["p"], outputs: ["f"] },
    { op: "Gemm", inputs: ["f", "fc", "bias"] },
  ];
  const weights = () => randomTensor([3, 3, 3, 3], randomStream(5));
  const stored = shared
    ? { w: weights(), zeros: fill(3, 0), ones1: fill(3, 1), ones2: fill(3, 1) }
    : {
        ...{ w1: weights(), scale1: fill(3, 1), shift1: fill(3, 0), mean1: fill(3, 0), var1: fill(3, 1) },
        ...{ w2: weights(), scale2: fill(3, 1), shift2: fill(3, 0), mean2: fill(3, 0), var2: fill(3, 1) },
      };
  const head = { fc: randomTensor([3, 4], randomStream(6)), bias: fill(4, 0) };
  return readOnnx(oldModel({ opset: 17, x: ["N", 3, 8, 8], nodes, stored: { ...stored, ...head } }));
}

async function trained(model: Graph, steps: number) {
  const step = trainStep(model, {
    batch: 4,
    optimizer: sgd({ momentum: 0, nesterov: false, weightDecay: 0 }),
  });
  await using session = await createSession(writeOnnx(step.graph));
  const runner = createStepRunner(session, step, { seed: 0 });
  const images = randomTensor(knownShape(step.graph.inputs[0]), randomStream(1)).data as Float32Array;
  const losses: number[] = [];
  for (let i = 0; i < steps; i++) {
    losses.push((await runner.run({ images, labels: BigInt64Array.of(0n, 1n, 2n, 3n) }, 0.1, i)).loss);
  }
  const tensors = await runner.tensors();
  const change = (name: string) => {
    const before = [...parametersOf(model), ...statesOf(model)].find((value) => value.name === name)?.tensor;
    return Array.from(tensors.get(name)?.data as Float32Array, (v, i) => v - Number(before?.data[i]));
  };
  return { losses, names: [...tensors.keys()], change };
}

test("an exporter's shared tensors train: one parameter for two layers, statistics for each of them", async () => {
  const [tied, apart] = [await trained(network(true), 1), await trained(network(false), 1)];
  expect(tied.names).toEqual([
    ...["w", "ones1", "zeros", "ones2", "fc", "bias"],
    ...["zeros.running_mean", "ones1.running_var", "zeros.running_mean_2", "ones2.running_var"],
  ]);
  expect(tied.losses).toEqual(apart.losses);
  const expectSame = (name: string, ...others: string[]) => {
    const changes = others.map(apart.change);
    tied.change(name).forEach((found, i) => {
      expect(found, name).toBeCloseTo(
        changes.reduce((sum, change) => sum + change[i], 0),
        6,
      );
    });
  };
  // What two layers share moves by the sum of what each would have moved by.
  expectSame("w", "w1", "w2");
  expectSame("zeros", "shift1", "shift2");
  expectSame("ones1", "scale1");
  expectSame("zeros.running_mean", "mean1");
  expectSame("zeros.running_mean_2", "mean2");
  expectSame("ones1.running_var", "var1");
  expect(Math.max(...tied.change("zeros.running_mean").map(Math.abs))).toBeGreaterThan(1e-3);
  expect(Math.max(...tied.change("zeros").map(Math.abs))).toBeGreaterThan(1e-3);
});

test("and learns", async () => {
  const { losses } = await trained(network(true), 50);
  expect(losses[49]).toBeLessThan(0.95 * losses[0]);
});
