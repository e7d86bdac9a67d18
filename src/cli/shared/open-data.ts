import { listOf, plural } from "../../base/format.ts";
import type { DatasetInfo, OpenOptions } from "../../data/dataset/dataset.ts";
import type { Loader } from "../../data/loader/loader-node.ts";
import { counter, type Progress } from "./progress.ts";

/**
 * Opens data, showing what is read and reporting what was skipped.
 *
 * @example await using loader = await openWithProgress(progress, (options) => openData(path, options));
 */
export async function openWithProgress(
  progress: Progress,
  open: (options: OpenOptions) => Promise<Loader>,
): Promise<Loader> {
  const loader = await open({
    onProgress: ({ what, done, total }) => counter(progress, what)(done, total),
  });
  progress.end();
  for (const info of [loader.train, loader.test]) if (info) reportSkipped(info, progress);
  return loader;
}

/** Names of skipped files that are printed; all are counted. */
const SKIPPED_SHOWN = 5;

/** Reports how many files of a split were skipped, and which. */
function reportSkipped({ skipped, split }: DatasetInfo, progress: Progress): void {
  if (skipped.length === 0) return;
  const names = skipped.map(({ path }) => path);
  const files = `${plural(skipped.length, `${split} file`)} that cannot be decoded`;
  progress.line(`skipped ${files}: ${listOf(names, SKIPPED_SHOWN)}`);
}
