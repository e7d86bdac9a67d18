import { randomTensor } from "../../src/analysis/random-feeds.ts";
import { randomStream } from "../../src/base/random.ts";
import { type Graph, parametersOf } from "../../src/ir/graph.ts";
import { firstNonFinite } from "../../src/ir/tensor.ts";
import { writeOnnx } from "../../src/onnx/write-onnx.ts";
import { createSession } from "../../src/runtime/node.ts";
import { sgd } from "../../src/train/step/optimizers.ts";
import { createStepRunner } from "../../src/train/step/step-runner.ts";
import { trainStep } from "../../src/train/step/train-step.ts";

/** What became of a network in a few steps on one batch of random images. */
export interface FirstSteps {
  readonly losses: readonly number[];
  /** Parameters that a gradient reached: their momentum is not zero, though a small step may be lost in rounding. */
  readonly reached: number;
  /** Whether every parameter is finite. */
  readonly finite: boolean;
}

/** Trains on one batch of random images, which any network that learns fits a little. */
export async function firstSteps(
  model: Graph,
  { steps = 6, batch = 4, rate = 0.02 } = {},
): Promise<FirstSteps> {
  const step = trainStep(model, { batch, optimizer: sgd({ momentum: 0.9, weightDecay: 0 }) });
  const session = await createSession(writeOnnx(step.graph));
  try {
    const runner = createStepRunner(session, step, { seed: 1 });
    const [, ...shape] = model.inputs[0].shape;
    const classes = Number(model.outputs[0].value.shape[1]);
    const images = randomTensor([batch, ...shape.map(Number)], randomStream(9, 1)).data as Float32Array;
    const labels = BigInt64Array.from({ length: batch }, (_, i) => BigInt(i % classes));
    const losses: number[] = [];
    for (let i = 0; i < steps; i++) losses.push((await runner.run({ images, labels }, rate, i)).loss);
    const now = await runner.tensors();
    const numbersOf = (name: string) => now.get(name)?.data as Float32Array;
    const names = parametersOf(model).map(({ name = "" }) => name);
    return {
      losses,
      reached: names.filter((name) => numbersOf(`momentum/${name}`).some((number) => number !== 0)).length,
      finite: names.every((name) => firstNonFinite({ data: numbersOf(name) }) === undefined),
    };
  } finally {
    await session.dispose();
  }
}
