import type { RunnerOptions } from "../step/step-runner.ts";

/** What can compute training steps, the fastest first. */
export const engineNames = ["onednn", "onnxruntime"] as const;

/** What computes a run's training steps: oneDNN, where its library is installed, or ONNX Runtime. Their results differ in rounding. */
export type TrainEngine = (typeof engineNames)[number];

/** Their names to people. */
export const engineTitles: Readonly<Record<TrainEngine, string>> = {
  onednn: "oneDNN",
  onnxruntime: "ONNX Runtime",
};

/** How an engine may be asked for; `auto` is the first that is there and takes the network. */
export const engineChoices = ["auto", ...engineNames] as const;

/** An engine, or the fastest. */
export type EngineChoice = (typeof engineChoices)[number];

/** How an engine begins. */
export interface EngineOptions extends RunnerOptions {
  /** Default: physical cores. */
  readonly threads?: number | undefined;
}
