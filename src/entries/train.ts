/**
 * The training step as a graph, its parts, and what runs it in any engine. Training on a data set into a folder is `train` of `senet/node`.
 *
 * @example
 * import { createModel } from "senet";
 * import { adamW, trainStep } from "senet/train";
 * const step = trainStep(createModel("seresnet20"), { batch: 32, optimizer: adamW() });
 *
 * @module
 */
export type { Metrics } from "../train/metrics.ts";
export { adamWRecipe, defaultAugment, defaultRecipe } from "../train/recipe.ts";
export { crossEntropy } from "../train/step/loss.ts";
export {
  type AdamWOptions,
  adamW,
  type Optimizer,
  type SgdOptions,
  type Slot,
  sgd,
  type Update,
} from "../train/step/optimizers.ts";
export {
  type Schedule,
  type ScheduleName,
  type ScheduleOptions,
  schedule,
  scheduleNames,
} from "../train/step/schedules.ts";
export {
  createStepRunner,
  type RunnerOptions,
  type StepBatch,
  type StepRunner,
} from "../train/step/step-runner.ts";
export {
  composeTrainStep,
  type TrainStep,
  type TrainStepOptions,
  trainStep,
} from "../train/step/train-step.ts";
