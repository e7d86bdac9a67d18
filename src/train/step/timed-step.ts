import { randomTensor } from "../../analysis/random-feeds.ts";
import { randomStream } from "../../base/random.ts";
import type { TimedModel } from "../../runtime/time-models-node.ts";
import { createStepRunner, shapeIn } from "./step-runner.ts";
import type { TrainStep } from "./train-step.ts";

/** So small that the weights stay finite on random images. */
const LEARNING_RATE = 1e-6;

/**
 * A training step on one batch of random images, to be timed.
 *
 * @example const [{ median }] = await timeModels([timedStep("step", trainStep(net, options))], { rounds: 20, warmup: 2 });
 */
export function timedStep(name: string, step: TrainStep): TimedModel {
  const [batch, classes] = shapeIn(step, "logits");
  const images = randomTensor(shapeIn(step, "images"), randomStream(0)).data as Float32Array;
  const labels = BigInt64Array.from({ length: batch }, (_, i) => BigInt(i % classes));
  return {
    name,
    model: step.graph,
    task(session) {
      const runner = createStepRunner(session, step, { seed: 0 });
      return () => runner.run({ images, labels }, LEARNING_RATE, 0);
    },
  };
}
