import { expect, test } from "vitest";
import { inFloat64 } from "../../../test/support/in-float64.ts";
import { smallNet } from "../../../test/support/small-net.ts";
import { randomTensor } from "../../analysis/random-feeds.ts";
import { namePattern } from "../../base/name-pattern.ts";
import { randomStream } from "../../base/random.ts";
import { type Graph, knownShape, parametersOf, statesOf } from "../../ir/graph.ts";
import type { Tensor } from "../../ir/tensor.ts";
import { createModel } from "../../models/create-model.ts";
import { writeOnnx } from "../../onnx/write-onnx.ts";
import { newGraph } from "../../ops/new-graph.ts";
import { makeBatchDynamic } from "../../passes/graph/make-batch-dynamic.ts";
import { createSession } from "../../runtime/node.ts";
import { resetHead } from "../../weights/reset-head.ts";
import { adamW, sgd } from "./optimizers.ts";
import { createStepRunner } from "./step-runner.ts";
import { composeTrainStep, type TrainStepOptions, trainStep } from "./train-step.ts";

const BATCH = 4;
const RATE = 0.1;

/** What a few steps on random images make of a network's weights. */
async function trained(model: Graph, options: Partial<TrainStepOptions> = {}, steps = 2) {
  const step = trainStep(model, { batch: BATCH, optimizer: sgd(), ...options });
  const session = await createSession(writeOnnx(step.graph));
  const runner = createStepRunner(session, step, { seed: 0 });
  const images = randomTensor(knownShape(step.graph.inputs[0]), randomStream(1)).data as Float32Array;
  const losses: number[] = [];
  for (let i = 0; i < steps; i++) {
    losses.push((await runner.run({ images, labels: BigInt64Array.of(0n, 1n, 2n, 0n) }, RATE, i)).loss);
  }
  const tensors = new Map(
    [...(await runner.tensors())].map(([name, { data }]) => [name, Array.from(data, Number)]),
  );
  await runner.dispose();
  return { tensors, losses, step };
}

function contentOf(graph: Graph): Map<string, Tensor> {
  const stored = [...parametersOf(graph), ...statesOf(graph)];
  return new Map(stored.map(({ name = "", tensor }) => [name, tensor as Tensor]));
}

test("a pattern fits whole parts of a name, from its beginning", () => {
  const fits = namePattern("conv1|layer1");
  const names = ["conv1.weight", "layer1.0.conv2.weight", "layer10.weight", "fc.conv1.weight", "layer1"];
  expect(names.filter(fits)).toEqual(["conv1.weight", "layer1.0.conv2.weight", "layer1"]);
  expect(() => namePattern("(")).toThrow(
    'Pattern "(": expected a regular expression of names, such as conv1|layer1, found something else; correct it.',
  );
});

test("what is frozen is no slot, gets no gradient, and its BatchNorm keeps its statistics", async () => {
  const model = createModel("seresnet8", { classes: 3, input: [1, 8, 8] });
  const isFrozen = namePattern("conv1|bn1|layer1");
  const { tensors, step } = await trained(model, { isFrozen });
  const names = [...contentOf(model).keys()];
  expect(names.filter((name) => !isFrozen(name)).every((name) => tensors.has(name))).toBe(true);
  expect(names.filter(isFrozen).some((name) => tensors.has(name))).toBe(false);
  const kinds = (from: TrainStepOptions["isFrozen"]) => {
    const { graph } = composeTrainStep(model, {
      batch: BATCH,
      optimizer: sgd(),
      ...(from && { isFrozen: from }),
    });
    const gradients = graph.nodes.filter(({ op }) => op.startsWith("ConvGrad"));
    return { nodes: graph.nodes.length, gradients: gradients.map(({ scope }) => scope.split(".")[0]) };
  };
  const [all, part] = [kinds(undefined), kinds(isFrozen)];
  expect(all.gradients).toContain("layer1");
  expect(new Set(part.gradients)).toEqual(new Set(["layer2", "layer3"]));
  expect(part.nodes).toBeLessThan(0.8 * all.nodes);
  expect(step.slots.some(({ value }) => value.name?.startsWith("momentum/layer1"))).toBe(false);
});

test("what learns learns as if the frozen part were a fixed function before it", async () => {
  // The gradient passes through a frozen part to what learns before it.
  const model = createModel("seresnet8", { classes: 3, input: [1, 8, 8] });
  const isFrozen = namePattern("layer2");
  const { tensors, losses } = await trained(model, { isFrozen }, 4);
  const before = contentOf(model);
  const moved = (name: string) =>
    tensors.get(name)?.some((value, i) => value !== Number(before.get(name)?.data[i])) ?? false;
  expect(moved("conv1.weight")).toBe(true);
  expect(moved("fc.weight")).toBe(true);
  expect(losses[3]).toBeLessThan(losses[0]);
});

test.each([
  ["sgd", sgd({ weightDecay: 0.1 })],
  ["adamW", adamW({ weightDecay: 0.1 })],
])("%s: a parameter's own rate is a multiple of the step's", async (_, optimizer) => {
  const model = smallNet({ ratio: 0 });
  const once = await trained(model, { optimizer }, 1);
  const scaled = await trained(model, { optimizer, rateOf: (name) => (name.startsWith("fc") ? 0.5 : 1) }, 1);
  const before = contentOf(model);
  const step = ({ tensors }: typeof once, name: string) =>
    tensors.get(name)?.map((value, i) => value - Number(before.get(name)?.data[i])) ?? [];
  for (const name of ["fc.weight", "conv.weight"]) {
    const factor = name === "fc.weight" ? 0.5 : 1;
    step(scaled, name).forEach((change, i) => {
      expect(change).toBeCloseTo(factor * step(once, name)[i], 6);
    });
  }
});

test("a fresh head has the classes asked for; all else stays, and a seed gives the same again", () => {
  const model = createModel("seresnet8", { classes: 10 });
  expect(() => resetHead(inFloat64(model), 7, 1)).toThrow("expected float32, found float64 in");
  const reset = resetHead(model, 7, 1);
  expect(reset.outputs[0].value.shape).toEqual(["N", 7]);
  const [old, fresh] = [contentOf(model), contentOf(reset)];
  const again = contentOf(resetHead(model, 7, 1));
  for (const [name, tensor] of old) {
    if (!name.startsWith("fc.")) expect(fresh.get(name)).toBe(tensor);
  }
  const bound = 1 / Math.sqrt(64);
  const { shape, data } = fresh.get("fc.weight") as Tensor;
  expect(shape).toEqual([7, 64]);
  expect(Math.max(...Array.from(data as Float32Array, Math.abs))).toBeLessThanOrEqual(bound);
  expect(again.get("fc.weight")?.data).toEqual(data);
});

test("a fixed batch is freed, in shapes given to Reshape too, or refused", () => {
  const build = (target: number[]) => {
    const b = newGraph("exported");
    const x = b.input("images", "float32", [1, 2, 4, 4]);
    b.output("y", b.op("Reshape", [x, b.constant(target)]));
    return b.build();
  };
  expect(makeBatchDynamic(build([1, 32])).outputs[0].value.shape).toEqual(["N", 32]);
  expect(makeBatchDynamic(build([1, -1])).outputs[0].value.shape).toEqual(["N", 32]);
  expect(() => makeBatchDynamic(build([32]))).toThrow(
    /^exported: expected a network for any number of images, found one that fixes 1 \(.+\); export it with a dynamic batch\.$/,
  );
});
