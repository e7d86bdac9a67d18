/** Something whose time is to be measured. */
export interface LatencyTask {
  readonly name: string;
  run(): Promise<unknown>;
}

export interface LatencyOptions {
  /** Timed runs of each task. */
  readonly rounds: number;
  /** Runs of each task before, which are not counted: memory is allocated and caches are filled in them. */
  readonly warmup: number;
  /** Ends early, but not before 3 rounds, once this many milliseconds have been spent. Default: no limit. */
  readonly budgetMs?: number;
  /** Told after each round. */
  readonly onRound?: (done: number, rounds: number) => void;
  /** Milliseconds since some moment. Default `performance.now`. */
  readonly now?: () => number;
}

export interface Latency {
  readonly name: string;
  /** Median milliseconds of one run. */
  readonly median: number;
  /** Timed runs. */
  readonly rounds: number;
}

/** A median of fewer says nothing. */
const MIN_ROUNDS = 3;

/**
 * Times tasks against each other: one run of each in turn, every other round in reverse order, so that whatever else the
 * machine does meanwhile befalls all of them alike. Compare the medians with each other, less with other days.
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
  return tasks.map(({ name }, i) => ({ name, median: median(times[i]), rounds: times[i].length }));
}

/** The middle of the sorted numbers, or the mean of the two in the middle; NaN of none. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  if (sorted.length % 2 === 1) return sorted[half];
  return (sorted[half - 1] + sorted[half]) / 2;
}
