import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { TestContext } from "vitest";

declare module "vitest" {
  interface TaskMeta {
    /** What the test needs and this machine lacks; `scripts/run.mjs test` counts the skipped tests by it. */
    missing?: string;
  }
}

/** Skips the test where something it needs is not there, and says so in the summary. */
export function needs({ task, skip }: TestContext, what: string, isThere: boolean): void {
  if (isThere) return;
  task.meta.missing = what;
  skip(`needs ${what}`);
}

/** Path of a file or folder beside the repository, too large to be in it; the test is skipped where it is missing. */
export function sharedPath(context: TestContext, path: string): string {
  const found = fileURLToPath(new URL(`../../../shared/${path}`, import.meta.url));
  needs(context, `../shared/${path.split("/", 2).join("/")}`, existsSync(found));
  return found;
}
