import { listOf, plural } from "../../base/format.ts";
import type { DatasetInfo } from "../../data/dataset/dataset.ts";
import type { Progress } from "./progress.ts";

/** Names of skipped files that are printed; all are counted. */
const SKIPPED_SHOWN = 5;

/** Reports how many files of a split were skipped, and which. */
export function reportSkipped({ skipped, split }: DatasetInfo, progress: Progress): void {
  if (skipped.length === 0) return;
  const names = skipped.map(({ path }) => path);
  const files = `${plural(skipped.length, `${split} file`)} that cannot be decoded`;
  progress.line(`skipped ${files}: ${listOf(names, SKIPPED_SHOWN)}`);
}
