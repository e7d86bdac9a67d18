import { spawn } from "node:child_process";

/** What a program of the system said. */
export interface ToolOutcome {
  /** Of the process; undefined when there is no such program. */
  readonly status: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Most characters kept of what a tool says. */
const MAX_OUTPUT = 10_000_000;

/**
 * Runs a program of the system, in English and without a terminal.
 *
 * @throws what the signal is aborted with
 */
export function runTool(
  command: string,
  args: readonly string[],
  { cwd, signal }: { readonly cwd?: string; readonly signal?: AbortSignal | undefined } = {},
): Promise<ToolOutcome> {
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const env = { ...process.env, LC_ALL: "C", PATH: `${process.env.PATH ?? ""}:/sbin:/usr/sbin` };
    const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], signal });
    const said = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (text: string) => {
        if (said[name].length < MAX_OUTPUT) said[name] += text;
      });
    }
    child.on("error", (error) => {
      if (signal?.aborted) reject(signal.reason);
      else resolve({ status: undefined, stdout: "", stderr: error.message });
    });
    child.on("close", (status) => resolve({ status: status ?? 1, ...said }));
  });
}
