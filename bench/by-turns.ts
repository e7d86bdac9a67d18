import { median } from "../src/analysis/latency.ts";
import type { Progress } from "../src/cli/shared/progress.ts";
import type { Peer } from "./peer.ts";
import { round } from "./round.ts";

export interface TurnOptions {
  readonly rounds: number;
  /** Runs in a turn. */
  readonly runs: number;
  /** Seconds of timed runs after which a slow peer skips the remaining rounds. It has at least one turn. */
  readonly budget: number;
  readonly progress: Progress;
}

/** The result of one peer. Its ratio compares the time for an image with the first peer's. */
export interface Row {
  readonly name: string;
  readonly batch: number;
  readonly runs: number;
  readonly ms: { readonly min: number; readonly median: number };
  readonly imagesPerSecond: number;
  readonly ratio: number;
  readonly difference?: number;
}

/** Milliseconds of a run from which on it counts as slow and has one run per turn. */
const SLOW = 1000;
/** … from which on one run is warm-up enough. */
const VERY_SLOW = 10_000;

/** Times peers against each other by turns, every other round in reverse, so that other load on the machine affects all alike. */
export async function byTurns(peers: readonly Peer[], options: TurnOptions): Promise<Row[]> {
  const { rounds, runs, budget, progress } = options;
  const turns: number[] = [];
  for (const peer of peers) {
    progress.update(() => `warming up ${peer.name}`);
    let pace = peer.pace ?? (await peer.run(1))[0];
    if (pace < VERY_SLOW) [pace] = await peer.run(1); // the first was cold
    if (pace < SLOW) await peer.run(1);
    turns.push(pace < SLOW ? runs : 1);
  }
  const times = peers.map((): number[] => []);
  const order = [...peers.keys()];
  for (let i = 1; i <= rounds; i++) {
    for (const index of order) {
      const past = times[index];
      const spent = past.reduce((a, b) => a + b, 0);
      if (past.length > 0 && spent + turns[index] * median(past) > 1000 * budget) continue;
      progress.update(() => `round ${i} of ${rounds}: ${peers[index].name}`);
      past.push(...(await peers[index].run(turns[index])));
    }
    order.reverse();
  }
  progress.end();
  const first = median(times[0]) / peers[0].batch;
  return peers.map(({ name, batch, difference }, i) => {
    const middle = median(times[i]);
    return {
      name,
      batch,
      runs: times[i].length,
      ms: { min: round(Math.min(...times[i])), median: round(middle) },
      imagesPerSecond: round((1000 * batch) / middle),
      ratio: round(middle / batch / first),
      ...(difference !== undefined && { difference: Number(difference.toPrecision(2)) }),
    };
  });
}
