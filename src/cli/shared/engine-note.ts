import type { TrainEngine } from "../../train/engine/engine.ts";
import type { TrainEvent } from "../../train/train-options.ts";

const titles: Readonly<Record<TrainEngine, string>> = { onednn: "oneDNN", onnxruntime: "ONNX Runtime" };

/** What people should know of the engine that a training begins or goes on with, if anything. */
export function engineNote({
  engine,
  from,
  step,
  refusal,
}: Extract<TrainEvent, { type: "engine" }>): string | undefined {
  if (from !== undefined) {
    return `note: steps from ${step + 1} on are computed by ${titles[engine]}, those before by ${titles[from]}: the result is not to the bit what either alone would give`;
  }
  return refusal && `note: training on ${titles[engine]}; ${refusal.replace(/\.$/, "")}`;
}
