/** Runs the real command line in processes of its own, on tiny data. */
import { type ChildProcessByStdio, execFileSync, spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { idxBytes } from "./data-fixtures.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const main = join(root, "dist/cli/main.js");
const preload = new URL("act-on-output.mjs", import.meta.url).href;

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

/** What a process does to itself once it has written a text to stderr. */
export interface OnOutput {
  /** Empty: as soon as the process listens to signals. */
  readonly text: string;
  /** Fill the disk of the file `argument`, send SIGINT, or send SIGKILL after `argument` milliseconds. */
  readonly action: "fill" | "interrupt" | "kill";
  readonly argument?: string | number;
}

/** Runs `senet ARGS REST` by a shell, `rest` being a redirection or a pipe. */
export function senetInShell(cwd: string, args: readonly string[], rest: string): Promise<Outcome> {
  const child = spawn("sh", ["-c", `"$@" ${rest}`, "sh", process.execPath, main, ...args], {
    cwd,
    stdio: ["ignore", "pipe", "pipe"],
  });
  return outcomeOf(child);
}

/** Runs `senet ARGS` in `cwd` until it ends. */
export function senet(cwd: string, args: readonly string[], onOutput?: OnOutput): Promise<Outcome> {
  const hook = onOutput ? ["--import", preload] : [];
  const env = onOutput && { SENET_TEST_WHEN: onOutput.text, SENET_TEST_DO: JSON.stringify(onOutput) };
  const child = spawn(process.execPath, [...hook, main, ...args], {
    cwd,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  return outcomeOf(child);
}

function outcomeOf(child: ChildProcessByStdio<null, Readable, Readable>): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
    });
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ status: code ?? signal, stdout, stderr }));
  });
}

/** The files of a small IDX data set of three classes that can be learned: 8×8 gray noise, brighter in one third. */
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
