import { describe, expect, it, type TestContext } from "vitest";
import { goldenWeights, readGolden, type TrainingGolden } from "../../../test/support/golden.ts";
import { expectSums, goldenSteps, optionsOf, worst } from "../../../test/support/golden-steps.ts";
import { needs } from "../../../test/support/needs.ts";
import { oneDnnHere } from "../../../test/support/onednn-here.ts";
import { createModel } from "../../models/create-model.ts";
import { adamW } from "../step/optimizers.ts";
import { randomBatch } from "../step/random-batch.ts";
import type { StepRunner } from "../step/step-runner.ts";
import { composeTrainStep } from "../step/train-step.ts";
import { createOnednnRunner } from "./onednn-runner-node.ts";

const hasOnednn = await oneDnnHere();
const needsOnednn = (context: TestContext) => needs(context, "oneDNN's library", hasOnednn);

describe.each(["seresnet20-sgd.json", "adamw.json"])("10 steps of PyTorch's, %s", (file) => {
  const golden = readGolden<TrainingGolden>(file);

  it("equals them to 1e-4", { timeout: 120_000 }, async (context) => {
    needsOnednn(context);
    const run = golden.engine;
    const model = createModel(golden.model, { input: [3, run.size, run.size] });
    const step = composeTrainStep(model, optionsOf(run));
    await using runner = await createOnednnRunner(step, { seed: 0, start: goldenWeights(model), threads: 2 });
    const { losses, tensors } = await goldenSteps(runner, run);
    expect(worst(losses, run)).toBeLessThanOrEqual(1e-4);
    expectSums(tensors, run);
  });
});

/** A step with every kind of state. */
const step = composeTrainStep(createModel("seresnet8", { input: [3, 16, 16], classes: 5 }), {
  batch: 4,
  optimizer: adamW(),
  clipNorm: 1,
  ema: 0.9,
});

async function trained(runner: StepRunner, from: number, to: number): Promise<number[]> {
  const losses: number[] = [];
  for (let i = from; i < to; i++) losses.push((await runner.run(randomBatch(step), 0.01, i)).loss);
  return losses;
}

it("has the same bits again, and when it goes on from its tensors", { timeout: 120_000 }, async (context) => {
  needsOnednn(context);
  await using first = await createOnednnRunner(step, { seed: 3, threads: 2 });
  const losses = await trained(first, 0, 4);
  await using half = await createOnednnRunner(step, { seed: 3, threads: 2 });
  expect(await trained(half, 0, 2)).toEqual(losses.slice(0, 2));
  const start = await half.tensors();
  await using resumed = await createOnednnRunner(step, { seed: 3, start, threads: 2 });
  expect(await trained(resumed, 2, 4)).toEqual(losses.slice(2));
  expect(await resumed.tensors()).toEqual(await first.tensors());
});

it("does not run once it is disposed", async (context) => {
  needsOnednn(context);
  const runner = await createOnednnRunner(step, { seed: 0 });
  await runner.dispose();
  await runner.dispose();
  await expect(runner.run(randomBatch(step), 0.01, 0)).rejects.toThrow(
    "The oneDNN session is disposed and cannot run; create another one.",
  );
});
