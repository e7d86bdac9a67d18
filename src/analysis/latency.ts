/** Something whose time is to be measured. */
export interface LatencyTask {
  readonly name: string;
  /** What is timed. */
  run(): Promise<unknown>;
}

/** Options of `measureAlternating`. */
export interface LatencyOptions {
  /** Timed runs of each task. */
  readonly rounds: number;
  /** Runs of each task before, not counted: they allocate memory and fill caches. */
  readonly warmup: number;
  /** Milliseconds after which no further round begins; 3 rounds are always run. Default: no limit. */
  readonly budgetMs?: number;
  /** Called after each round; what it throws ends the measurement. */
  readonly onRound?: (done: number, rounds: number) => void;
  /** Clock in milliseconds. Default `performance.now`. */
  readonly now?: () => number;
}

/** How long one of several tasks takes. */
export interface Latency {
  readonly name: string;
  /** Median and shortest milliseconds of one run. */
  readonly median: number;
  readonly min: number;
  /** Timed runs. */
  readonly rounds: number;
}

/** The median of fewer runs means nothing. */
const MIN_ROUNDS = 3;

/**
 * Times tasks against each other: one run of each in turn, every other round in reverse order, so that whatever else the
 * machine does affects all of them alike. Compare the medians with each other rather than with those of another day.
 *
 * @example
 * const [plain, se] = await measureAlternating(
 *   [{ name: "plain", run: () => a.run(feeds) }, { name: "se", run: () => b.run(feeds) }],
 *   { rounds: 50, warmup: 5 },
 * );
 */
export async function measureAlternating(
  tasks: readonly LatencyTask[],
  options: LatencyOptions,
): Promise<Latency[]> {
  const { rounds, warmup, budgetMs = Number.POSITIVE_INFINITY, onRound } = options;
  const now = options.now ?? (() => performance.now());
  const times = tasks.map((): number[] => []);
  const order = [...tasks.keys()];
  for (let i = 0; i < warmup; i++) for (const { run } of tasks) await run();
  const started = now();
  for (let round = 0; round < rounds; round++) {
    if (round >= MIN_ROUNDS && now() - started > budgetMs) break;
    for (const index of order) {
      const before = now();
      await tasks[index].run();
      times[index].push(now() - before);
    }
    order.reverse();
    onRound?.(round + 1, rounds);
  }
  return tasks.map(({ name }, i) => ({
    name,
    median: median(times[i]),
    min: Math.min(...times[i]),
    rounds: times[i].length,
  }));
}

/** The middle of the sorted numbers, or the mean of the two in the middle; NaN of none. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  if (sorted.length % 2 === 1) return sorted[half];
  return (sorted[half - 1] + sorted[half]) / 2;
}
