import { createProgress, type Progress } from "../src/cli/shared/progress.ts";
import { writeFileAtomic } from "../src/files/write-file-atomic-node.ts";

/** How a benchmark reports its result. */
export interface OutputOptions {
  readonly json?: boolean;
  /** File for a chart of the rows. */
  readonly chart?: string;
}

const silent: Progress = { update() {}, line() {}, end() {}, [Symbol.dispose]() {} };

/** On stderr; with `--json` nothing is said. */
export function progressFor({ json }: OutputOptions): Progress {
  return json ? silent : createProgress();
}

/** The result as JSON on stdout, and its chart where one is wanted. */
export async function writeResult(
  result: object,
  { json, chart }: OutputOptions,
  draw: () => string,
): Promise<void> {
  process.stdout.write(`${JSON.stringify(result, null, json ? 0 : 2)}\n`);
  if (chart !== undefined) await writeFileAtomic(chart, [draw()]);
}
