import { SenetError } from "../src/base/errors.ts";

/** One of those that are timed against each other. */
export interface Peer {
  readonly name: string;
  /** Images that one run works on. */
  readonly batch: number;
  /** Largest difference of its logits, or its losses, to ours, where it has our weights. */
  readonly difference?: number;
  /** Milliseconds of its latest run, where getting it ready took some: it is warm. */
  readonly pace?: number;
  /** Runs `count` times; the milliseconds that each took. */
  run(count: number): Promise<number[]>;
  /** Frees what it holds. */
  stop?(): Promise<void>;
}

/** A peer that cannot take part, and why. */
export interface Absent {
  readonly name: string;
  readonly why: string;
}

/** How to get a peer ready. */
export type Start = readonly [name: string, start: () => Promise<Peer>];

/**
 * Gets peers ready, one after another; those that fail say why.
 *
 * @throws SenetError `usage` when what the user named is not there
 */
export async function startPeers(starts: readonly Start[]): Promise<{ peers: Peer[]; cannot: Absent[] }> {
  const peers: Peer[] = [];
  const cannot: Absent[] = [];
  for (const [name, start] of starts) {
    try {
      peers.push(await start());
    } catch (error) {
      if (error instanceof SenetError && error.code === "usage") {
        await stopAll(peers);
        throw error;
      }
      cannot.push({ name, why: error instanceof Error ? error.message : String(error) });
    }
  }
  return { peers, cannot };
}

/** Frees what they hold. */
export async function stopAll(peers: readonly Peer[]): Promise<void> {
  for (const peer of peers) await peer.stop?.();
}

/** `run` of a peer that computes in this process. */
export async function timed(count: number, compute: () => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const before = performance.now();
    await compute();
    times.push(performance.now() - before);
  }
  return times;
}
