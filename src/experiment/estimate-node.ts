import { buildModel, buildStep } from "../train/build.ts";
import type { TrainConfig } from "../train/config.ts";
import { timeSteps } from "../train/engine/time-steps-node.ts";
import type { PlannedVariant, Trial } from "./trials-node.ts";

/** Timed steps, after one that is not. */
const STEPS = 3;
/** A step of more MACs is timed with fewer images, so that even a huge network is estimated within seconds. */
const STEP_MACS = 20e9;
/** A step does the network's arithmetic forwards and twice as much backwards; a test only forwards. */
const TEST_SHARE = 1 / 3;

/**
 * How many seconds some trainings will take: a few steps of the most expensive one are timed, and the others taken to run at its
 * rate of MACs. Small networks run at a lower rate, so a mixture of large and small ones takes longer than it says.
 */
export async function estimateSeconds(
  variants: readonly PlannedVariant[],
  pending: ReadonlySet<string>,
  threads?: number,
): Promise<(trials: readonly Trial[]) => number> {
  const macs = new Map(
    variants.flatMap(({ trials, complexity }) => trials.map(({ id }) => [id, complexity.macs])),
  );
  const macsOf = ({ id }: Trial) => macs.get(id) ?? 0;
  const trials = variants.flatMap((variant) => variant.trials).filter(({ id }) => pending.has(id));
  if (trials.length === 0) return () => 0;
  const largest = trials.reduce((a, b) => (macsOf(b) > macsOf(a) ? b : a));
  const batch = Math.max(1, Math.min(largest.config.batch, Math.floor(STEP_MACS / macsOf(largest))));
  const { setUp, step } = await timeLargest({ ...largest.config, batch }, threads);
  const perMac = step / (batch * macsOf(largest));
  return (some) =>
    some.reduce((sum, trial) => {
      const { epochs, data } = trial.config;
      const [train, test] = data.samples;
      return sum + setUp + epochs * (train + TEST_SHARE * test) * macsOf(trial) * perMac;
    }, 0);
}

/** Seconds of one step, and of all that comes before the first: building the step, loading it, filling caches. */
async function timeLargest(config: TrainConfig, threads: number | undefined) {
  const begun = performance.now();
  const step = buildStep(config, buildModel(config));
  const timed = { name: "step", engine: config.engine, step };
  const [{ median }] = await timeSteps([timed], { rounds: STEPS, warmup: 1, threads });
  const other = performance.now() - begun - (STEPS + 1) * median;
  return { setUp: Math.max(0, other) / 1000, step: median / 1000 };
}
