/** Runs the real command line in processes of its own, on tiny data. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { idxBytes } from "../../src/data/fixtures-node.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const main = join(root, "dist/cli/main.js");

/** What is run is `dist/`; makes it when the sources have changed since. */
export function buildCli(): void {
  execFileSync(process.execPath, [join(root, "scripts/run.mjs"), "build"], { stdio: "pipe" });
}

export interface Outcome {
  /** Exit code, or the name of the signal that ended it. */
  readonly status: number | NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs `senet ARGS` in `cwd` until it ends.
 *
 * @param onStderr sees all of stderr so far, and may send signals
 */
export function senet(
  cwd: string,
  args: readonly string[],
  onStderr?: (text: string, child: ChildProcess) => void,
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [main, ...args], { cwd, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
    });
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
      onStderr?.(stderr, child);
    });
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ status: code ?? signal, stdout, stderr }));
  });
}

/** The files of a small IDX data set of three classes that can be learned: 8×8 grey noise, brighter in one third. */
export function idxFiles({ train = 40, test = 16 } = {}): Record<string, Uint8Array> {
  return { ...split("train", train), ...split("t10k", test) };
}

function split(name: string, length: number): Record<string, Uint8Array> {
  const labels = Array.from({ length }, (_, i) => i % 3);
  const pixels = labels.flatMap((label, i) =>
    Array.from({ length: 64 }, (_, k) => ((i * 31 + k * 17) % 97) + (Math.floor(k / 22) === label ? 120 : 0)),
  );
  return {
    [`${name}-images-idx3-ubyte`]: idxBytes([length, 8, 8], pixels),
    [`${name}-labels-idx1-ubyte`]: idxBytes([length], labels),
  };
}

/** Whether a run left nothing behind. */
export function isUntouched(cwd: string): boolean {
  return !existsSync(join(cwd, "runs")) && readdirSync(cwd).every((name) => !name.endsWith(".tmp"));
}
