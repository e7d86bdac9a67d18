import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Outcome } from "./format.ts";
import type { ReaderTask } from "./reader.ts";

export interface WatchOptions extends ReaderTask {
  /** Longest time for one file, in seconds. */
  readonly seconds: number;
  readonly onOutcome: (outcome: Outcome) => void;
}

/** Heap of JavaScript that a reading process may have, in MiB; more ends it. */
const HEAP_MIB = 512;
/** For a process to start and to make its files. */
const START_SECONDS = 60;
/** What is kept of what a process says before it dies. */
const OUTPUT_CHARACTERS = 4000;

/**
 * Reads damaged files in processes of their own, and starts another after one that crashed, hung or took too much memory. Each file
 * has an outcome, in order.
 */
export async function watch(options: WatchOptions): Promise<void> {
  let next = options.from;
  while (next < options.to) {
    next = await readUntilEnd({ ...options, from: next });
  }
}

/** @returns the first file that is still to be read */
function readUntilEnd({ seconds, onOutcome, ...task }: WatchOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    let next = task.from;
    let output = "";
    let isHung = false;
    const child = start(task);
    const timeout = (limit: number) =>
      setTimeout(() => {
        isHung = true;
        child.kill("SIGKILL");
      }, limit * 1000);
    let timer = timeout(START_SECONDS);
    child.stderr?.on("data", (text) => {
      output = (output + text).slice(-OUTPUT_CHARACTERS);
    });
    child.on("message", (outcome: Outcome | "ready") => {
      clearTimeout(timer);
      timer = timeout(seconds);
      if (outcome === "ready") return;
      next = outcome.index + 1;
      onOutcome(outcome);
    });
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      if (code === 0) return resolve(next);
      const reason = isHung
        ? `hung for ${seconds} s`
        : `ended the process (${signal ?? code}): ${output.trim()}`;
      onOutcome({ index: next, result: "finding", reason, ms: isHung ? seconds * 1000 : 0, peakBytes: 0 });
      resolve(next + 1);
    });
  });
}

function start(task: ReaderTask): ChildProcess {
  return fork(fileURLToPath(new URL("reader.ts", import.meta.url)), [JSON.stringify(task)], {
    execArgv: ["--import", "tsx", `--max-old-space-size=${HEAP_MIB}`],
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
}
