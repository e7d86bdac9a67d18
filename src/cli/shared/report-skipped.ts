import type { DatasetInfo } from "../../data/dataset/dataset.ts";
import type { Progress } from "./progress.ts";

/** Most names of skipped files that are told; all are counted. */
const SKIPPED_SHOWN = 5;

/** Says how many files of a split were left out, and which. */
export function reportSkipped({ skipped, split }: DatasetInfo, progress: Progress): void {
  if (skipped.length === 0) return;
  const names = skipped.slice(0, SKIPPED_SHOWN).map(({ path }) => path);
  const more = skipped.length > names.length ? ` and ${skipped.length - names.length} more` : "";
  progress.line(
    `left out ${skipped.length} ${split} ${skipped.length === 1 ? "file that does" : "files that do"} not decode: ${names.join(", ")}${more}`,
  );
}
