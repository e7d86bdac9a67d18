import { engineTitles } from "../../train/engine/engine.ts";
import type { TrainEvent } from "../../train/train-options.ts";

/** What people should know of the engine that a training begins or goes on with, if anything. */
export function engineNote({
  engine,
  from,
  step,
  refusal,
}: Extract<TrainEvent, { type: "engine" }>): string | undefined {
  if (from !== undefined) {
    return `note: steps from ${step + 1} on are computed by ${engineTitles[engine]}, those before by ${engineTitles[from]}: the result is not to the bit what either alone would give`;
  }
  return refusal && `note: training on ${engineTitles[engine]}; ${refusal.replace(/\.$/, "")}`;
}
