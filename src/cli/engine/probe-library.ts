import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { SenetError } from "../../base/errors.ts";
import type { LibraryCandidate } from "../../native/library/find-library-node.ts";

/** What a library says of itself. */
export interface LibraryReport {
  readonly version: string;
  /** The instructions that its kernels may use, such as `avx512_core`. */
  readonly isa: string;
  /** Names of the kernels of a convolution and of its gradients; those of slow ones begin with `ref`. */
  readonly kernels: readonly string[];
}

export type ProbeAnswer = { readonly facts: LibraryReport } | { readonly refused: string };

/** Loading takes less than a second, also from a slow disk. */
const PATIENCE_MS = 60_000;

/**
 * Opens a library in a process of its own: a damaged one, or another under its name, may end the process that loads it.
 *
 * @throws SenetError `engine` when it cannot be used
 */
export async function probeLibrary(candidate: LibraryCandidate): Promise<LibraryReport> {
  const script = new URL(`./probe.${import.meta.url.endsWith(".ts") ? "ts" : "js"}`, import.meta.url);
  const args = [...process.execArgv, fileURLToPath(script), JSON.stringify(candidate)];
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "pipe", "ignore"],
    timeout: PATIENCE_MS,
    killSignal: "SIGKILL",
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (part) => {
    text += part;
  });
  const end = await new Promise<number | NodeJS.Signals | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status, signal) => resolve(status ?? signal));
  });
  // Behind what the library may print.
  const last = text.trimEnd().split("\n").at(-1) ?? "";
  const answer = end === 0 ? (JSON.parse(last) as ProbeAnswer) : undefined;
  if (answer && "facts" in answer) return answer.facts;
  throw new SenetError("engine", answer ? `${answer.refused}.` : crashed(candidate.path, end));
}

function crashed(path: string, end: number | NodeJS.Signals | null): string {
  const how = typeof end === "number" ? `exit code ${end}` : end;
  return `${path}: expected oneDNN's library, found a file that ends the process that loads it (${how}); it is damaged or made for another machine, install oneDNN (\`senet engine install\`), or name another file in SENET_ONEDNN.`;
}
