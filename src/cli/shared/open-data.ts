import { grouped } from "../../base/format.ts";
import type { DataSource } from "../../data/dataset/dataset.ts";
import { type Loader, openLoader } from "../../data/loader/loader-node.ts";
import type { Progress } from "./progress.ts";
import { reportSkipped } from "./report-skipped.ts";

/** Both splits of a data set, of the training images at most `limit`; says what is read and what was left out. */
export async function openData(
  { limit, ...source }: Omit<DataSource, "split">,
  progress: Progress,
): Promise<Loader> {
  const loader = await openLoader(
    { train: { ...source, limit, split: "train" }, test: { ...source, split: "test" } },
    {
      onProgress: ({ what, done, total }) =>
        progress.update(() => `${what} ${grouped(done)}/${grouped(total)}`),
    },
  );
  progress.end();
  for (const info of [loader.train, loader.test]) if (info) reportSkipped(info, progress);
  return loader;
}
