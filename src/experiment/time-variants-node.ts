import type { Latency } from "../analysis/latency.ts";
import { timeModels } from "../runtime/time-models-node.ts";
import { buildModel } from "../train/build.ts";
import type { PlannedVariant } from "./trials-node.ts";

const TIMING = { rounds: 1000, warmup: 20, budgetMs: 30_000 } as const;

/**
 * Times the inference of one image, all variants side by side. Weights do not matter for time, so the networks are untrained.
 *
 * @param onRound called after each round; what it throws ends the measurement
 */
export function timeVariants(
  variants: readonly PlannedVariant[],
  threads: number | undefined,
  onRound: (done: number, rounds: number) => void,
): Promise<Latency[]> {
  const models = variants.map(({ name, trials }) => ({ name, model: buildModel(trials[0].config) }));
  return timeModels(models, { ...TIMING, threads, onRound });
}
