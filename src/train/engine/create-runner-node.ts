import { SenetError } from "../../base/errors.ts";
import type { StepRunner } from "../step/step-runner.ts";
import type { TrainStep } from "../step/train-step.ts";
import type { EngineChoice, EngineOptions, TrainEngine } from "./engine.ts";
import { isOutOfMemory } from "./is-out-of-memory.ts";
import { createOnednnRunner } from "./onednn-runner-node.ts";
import { createOnnxruntimeRunner } from "./onnxruntime-runner-node.ts";

type CreateRunner = (step: TrainStep, options: EngineOptions) => Promise<StepRunner>;

/** What runs composed steps on the calling thread, by engine. */
const engines: Readonly<Record<TrainEngine, CreateRunner>> = {
  onednn: createOnednnRunner,
  onnxruntime: createOnnxruntimeRunner,
};

/** Which engine was taken. */
export interface TakenEngine {
  readonly engine: TrainEngine;
  /** Why `auto` did not take oneDNN, as a sentence. */
  readonly refusal?: string;
}

/**
 * What runs training steps on the calling thread.
 *
 * @param choice `auto`: oneDNN, or ONNX Runtime where that is not installed or has no form for the step
 * @param step composed, not lowered
 * @throws SenetError `engine` when the engine that was asked for refuses the step or is not there
 */
export async function createRunner(
  choice: EngineChoice,
  step: TrainStep,
  options: EngineOptions,
): Promise<TakenEngine & { readonly runner: StepRunner }> {
  if (choice !== "auto") return { engine: choice, runner: await engines[choice](step, options) };
  try {
    return { engine: "onednn", runner: await engines.onednn(step, options) };
  } catch (error) {
    if (!(error instanceof SenetError && error.code === "engine") || isOutOfMemory(error)) throw error;
    const runner = await engines.onnxruntime(step, options);
    return { engine: "onnxruntime", refusal: error.message, runner };
  }
}
