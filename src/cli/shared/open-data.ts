import { grouped } from "../../base/format.ts";
import type { OpenOptions } from "../../data/dataset/dataset.ts";
import type { Loader } from "../../data/loader/loader-node.ts";
import type { Progress } from "./progress.ts";
import { reportSkipped } from "./report-skipped.ts";

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
    onProgress: ({ what, done, total }) =>
      progress.update(() => `${what} ${grouped(done)}/${grouped(total)}`),
  });
  progress.end();
  for (const info of [loader.train, loader.test]) if (info) reportSkipped(info, progress);
  return loader;
}
