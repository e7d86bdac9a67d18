import { writeOnnx } from "../../onnx/write-onnx.ts";
import { createSession } from "../../runtime/node.ts";
import { probeBlock } from "../../runtime/probe-block-node.ts";
import { createStepRunner, type StepRunner } from "../step/step-runner.ts";
import { lowerTrainStep, type TrainStep } from "../step/train-step.ts";
import type { EngineOptions } from "./engine.ts";

/** Runs a composed step as one graph of ONNX Runtime, lowered for this machine, on the calling thread. */
export async function createOnnxruntimeRunner(
  step: TrainStep,
  { threads, ...options }: EngineOptions,
): Promise<StepRunner> {
  const lowered = lowerTrainStep(step, await probeBlock());
  return createStepRunner(await createSession(writeOnnx(lowered.graph), { threads }), lowered, options);
}
