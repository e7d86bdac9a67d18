import { usageError } from "../../base/errors.ts";

/** Learning rate before step `step` (counted from 0) of a run of `total` steps. */
export type Schedule = (step: number, total: number) => number;

/** Names of the learning-rate schedules. */
export const scheduleNames = ["constant", "step", "cosine", "one-cycle"] as const;
/** One of `scheduleNames`. */
export type ScheduleName = (typeof scheduleNames)[number];

/** Options of `schedule`. */
export interface ScheduleOptions {
  /** Greatest learning rate. */
  readonly lr: number;
  /** Steps of linear rise from `lr`/100 before the schedule begins; not with one-cycle, which has its own rise. Default 0. */
  readonly warmupSteps?: number;
  /** Schedule `step` divides the rate by 10 after each of these shares of the run. Default [0.5, 0.75]. */
  readonly milestones?: readonly number[];
}

/**
 * A learning-rate schedule by name.
 * - `constant`: lr throughout.
 * - `step`: divided by 10 at each milestone.
 * - `cosine`: lr·(1 + cos(π·t))/2 (Loshchilov and Hutter, arXiv 1608.03983), PyTorch's CosineAnnealingLR to 0.
 * - `one-cycle`: from lr/25 up to lr during the first 30 %, then down to lr/250,000, both by half a cosine
 *   (Smith and Topin, arXiv 1708.07120), PyTorch's OneCycleLR.
 *
 * @example schedule("cosine", { lr: 0.1 })(50, 100) // 0.05
 */
export function schedule(
  name: ScheduleName,
  { lr, warmupSteps = 0, milestones = [0.5, 0.75] }: ScheduleOptions,
): Schedule {
  if (!(lr > 0 && Number.isFinite(lr))) {
    throw usageError(`Schedule ${name}: expected a learning rate above 0, found ${lr}; correct it.`);
  }
  if (name === "one-cycle" && warmupSteps > 0) {
    throw usageError(
      `Schedule one-cycle: expected no warm-up, found ${warmupSteps} steps; it has a rise of its own, so leave the warm-up out.`,
    );
  }
  const shape = shapes[name];
  return (step, total) => {
    if (step < warmupSteps) return lr * (0.01 + 0.99 * (step / warmupSteps));
    return lr * shape(step - warmupSteps, Math.max(1, total - warmupSteps), milestones);
  };
}

/** Each schedule as a factor of the greatest rate. */
const shapes: Record<ScheduleName, (step: number, total: number, milestones: readonly number[]) => number> = {
  constant: () => 1,
  step: (step, total, milestones) => 0.1 ** milestones.filter((share) => step >= share * total).length,
  cosine: (step, total) => fall(1, 0, step / total),
  "one-cycle": (step, total) => {
    const top = 0.3 * total - 1;
    const last = total - 1;
    if (step <= top) return fall(1 / 25, 1, step / top);
    return fall(1, 1 / 250_000, Math.min(1, (step - top) / (last - top)));
  },
};

/** From `start` to `end` along half a cosine. */
function fall(start: number, end: number, share: number): number {
  return end + ((start - end) * (1 + Math.cos(Math.PI * share))) / 2;
}
