import type { RunnerOptions, StepRunner } from "../step/step-runner.ts";
import type { TrainStep } from "../step/train-step.ts";

/** What can compute training steps, the fastest first. */
export const engineNames = ["onednn", "onnxruntime"] as const;

/** What computes a run's training steps: oneDNN, where its library is installed, or ONNX Runtime. Their results differ in rounding. */
export type TrainEngine = (typeof engineNames)[number];

/** How an engine begins. */
export interface EngineOptions extends RunnerOptions {
  /** Default: physical cores. */
  readonly threads?: number | undefined;
}

/** Makes what runs a composed step, not lowered, on the calling thread. */
export type CreateRunner = (step: TrainStep, options: EngineOptions) => Promise<StepRunner>;
