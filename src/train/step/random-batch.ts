import { randomTensor } from "../../analysis/random-feeds.ts";
import { randomStream } from "../../base/random.ts";
import { type StepBatch, shapeIn } from "./step-runner.ts";
import type { TrainStep } from "./train-step.ts";

/** Random images with labels of every class, as many as a step takes. */
export function randomBatch(step: TrainStep): StepBatch {
  const [batch, classes] = shapeIn(step, "logits");
  return {
    images: randomTensor(shapeIn(step, "images"), randomStream(0)).data as Float32Array,
    labels: BigInt64Array.from({ length: batch }, (_, i) => BigInt(i % classes)),
  };
}
