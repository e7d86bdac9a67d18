/**
 * Data sets in Node: opened, resized, augmented and batched, on this thread or in a worker.
 *
 * @example
 * import { openLoader } from "senet/data";
 * await using loader = await openLoader({ train: { path: "fashion-mnist-mini", split: "train" } });
 * for await (const { images, labels } of loader.batches("train", { batchSize: 128, seed: 0, epoch: 0 })) …
 *
 * @module
 */
export type {
  DataSource,
  Dataset,
  DatasetInfo,
  LoadedInfo,
  OpenOptions,
  OpenProgress,
  SkippedFile,
} from "../data/dataset/dataset.ts";
export type { ChannelStatistics } from "../data/dataset/normalize.ts";
export { type Fit, fitImage, squareFit } from "../data/images/fit-image.ts";
export type { InterleavedImage } from "../data/images/resample.ts";
export type { AugmentOptions } from "../data/loader/augment.ts";
export type { Batch, BatchPool } from "../data/loader/batch-pool.ts";
export { type BatchOptions, batchCount, batches } from "../data/loader/batches.ts";
export { type DataOptions, type Loader, openData, openLoader } from "../data/loader/loader-node.ts";
export type { LoaderSources, Split } from "../data/loader/loader-protocol.ts";
export { openDataset } from "../data/open-dataset-node.ts";
