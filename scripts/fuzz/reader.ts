/**
 * The process that reads damaged files for `watch.ts`, so that a hang or a crash ends it and not the search. Its argument is a
 * `ReaderTask` in JSON; it sends "ready", then one `Outcome` for each file, in order.
 */
import { SenetError } from "../../src/base/errors.ts";
import { damagedFile } from "./damaged-file.ts";
import type { Format, Outcome } from "./format.ts";

export interface ReaderTask {
  /** A module that exports `formats`. */
  readonly module: string;
  readonly format: string;
  readonly seed: number;
  /** Files number `from` to before `to`. */
  readonly from: number;
  readonly to: number;
  readonly maxBytes: number;
}

const { module, format: name, seed, from, to, maxBytes }: ReaderTask = JSON.parse(process.argv[2]);
const { formats }: { formats: Readonly<Record<string, Format>> } = await import(module);
const format = formats[name];
const seeds = await format.seeds();
await send("ready");
for (let index = from; index < to; index++) {
  const bytes = damagedFile(seeds, name, seed, index);
  const started = performance.now();
  const outcome = await outcomeOf(bytes);
  const ms = performance.now() - started;
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  const isLarge = peakBytes > maxBytes;
  const reason = `took the process to ${Math.round(peakBytes / 2 ** 20)} MiB of memory`;
  await send({ index, ms, peakBytes, ...(isLarge ? { result: "finding", reason } : outcome) });
  // The peak does not sink again: only a new process can measure the next file.
  if (isLarge) break;
}
process.disconnect();
// What a file left behind (timers, handles, threads) must not keep the process.
process.exit();

async function outcomeOf(bytes: Uint8Array): Promise<Pick<Outcome, "result" | "reason">> {
  try {
    await format.read(bytes);
    return { result: "read" };
  } catch (error) {
    if (error instanceof SenetError) return { result: "refused" };
    const reason = error instanceof Error ? error.stack : undefined;
    return { result: "finding", reason: reason ?? `threw ${String(error)}` };
  }
}

/** Waits until the message has left, so that it is not lost when the next file crashes the process. */
function send(message: Outcome | "ready"): Promise<void> {
  return new Promise((resolve, reject) => {
    process.send?.(message, (error: Error | null) => (error ? reject(error) : resolve()));
  });
}
