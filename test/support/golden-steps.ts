import { expect } from "vitest";
import type { Tensor } from "../../src/ir/tensor.ts";
import { adamW, sgd } from "../../src/train/step/optimizers.ts";
import type { StepRunner } from "../../src/train/step/step-runner.ts";
import type { TrainStepOptions } from "../../src/train/step/train-step.ts";
import { type GoldenRun, goldenBatch, sumsOf } from "./golden.ts";

/** The largest relative difference of losses from the golden ones. */
export function worst(losses: readonly number[], { losses: golden }: GoldenRun): number {
  expect(losses.length).toBe(golden.length);
  return Math.max(...losses.map((loss, t) => Math.abs(loss / golden[t] - 1)));
}

/** How PyTorch was told to train. */
export function optionsOf({
  batch,
  labelSmoothing,
  momentum,
  betas,
  eps,
  weightDecay,
}: GoldenRun): TrainStepOptions {
  const optimizer = betas
    ? adamW({ betas, weightDecay, ...(eps !== undefined && { epsilon: eps }) })
    : sgd({ nesterov: true, weightDecay, ...(momentum !== undefined && { momentum }) });
  return { batch, optimizer, labelSmoothing };
}

/** The golden batches, one step each: losses, and what the weights have become. */
export async function goldenSteps(
  runner: StepRunner,
  golden: GoldenRun,
): Promise<{ losses: number[]; tensors: ReadonlyMap<string, Tensor> }> {
  const losses: number[] = [];
  for (let t = 0; t < golden.losses.length; t++) {
    losses.push((await runner.run(goldenBatch(t, golden), golden.lr, t)).loss);
  }
  return { losses, tensors: await runner.tensors() };
}

/** Expects parameters and running statistics to have PyTorch's sums. */
export function expectSums(tensors: ReadonlyMap<string, Tensor>, golden: GoldenRun): void {
  const find = (name: string) =>
    sumsOf(tensors.get(name) ?? { dtype: "float32", shape: [0], data: new Float32Array() });
  for (const [name, wanted] of Object.entries(golden.parameterSums)) {
    const found = find(name);
    expect(Math.abs(found.sum - wanted.sum) / Math.sqrt(wanted.sumOfSquares), name).toBeLessThan(1e-3);
    expect(Math.abs(found.sumOfSquares / wanted.sumOfSquares - 1), name).toBeLessThan(1e-3);
  }
  for (const [name, wanted] of Object.entries(golden.runningSums)) {
    const found = find(name);
    expect(Math.abs(found.sum - wanted) / Math.sqrt(found.sumOfSquares), name).toBeLessThan(2e-4);
  }
  expect(Object.keys(golden.runningSums).length).toBeGreaterThan(30);
}
