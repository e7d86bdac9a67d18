import type { TimedModel } from "../../runtime/time-models-node.ts";
import { randomBatch } from "./random-batch.ts";
import { createStepRunner } from "./step-runner.ts";
import type { TrainStep } from "./train-step.ts";

/** So small that the weights stay finite on random images. */
export const TIMED_RATE = 1e-6;

/**
 * A training step on one batch of random images, to be timed.
 *
 * @example const [{ median }] = await timeModels([timedStep("step", trainStep(net, options))], { rounds: 20, warmup: 2 });
 */
export function timedStep(name: string, step: TrainStep): TimedModel {
  const batch = randomBatch(step);
  return {
    name,
    model: step.graph,
    task(session) {
      const runner = createStepRunner(session, step, { seed: 0 });
      return () => runner.run(batch, TIMED_RATE, 0);
    },
  };
}
