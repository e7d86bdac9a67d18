/**
 * What needs Node: ONNX Runtime sessions, data sets, run folders and training. The rest is in `senet`.
 *
 * @example
 * import { createModel, writeOnnx, zeros } from "senet";
 * import { createSession } from "senet/node";
 * const session = await createSession(writeOnnx(createModel("seresnet20")));
 * const { logits } = await session.run({ images: zeros([1, 3, 32, 32]) });
 */
export type { AugmentOptions } from "./data/augment.ts";
export type { Batch } from "./data/batch-pool.ts";
export { type BatchOptions, batchCount, batches } from "./data/batches.ts";
export type { DataSource, Dataset, DatasetInfo, OpenOptions, OpenProgress } from "./data/dataset.ts";
export { type Loader, openLoader } from "./data/loader-node.ts";
export type { ChannelStatistics } from "./data/normalize.ts";
export { openDataset } from "./data/open-dataset-node.ts";
export { createSession } from "./runtime/node.ts";
export { probeBlock } from "./runtime/probe-block-node.ts";
export type { Port, Session, SessionOptions, Tensors } from "./runtime/session.ts";
export { buildModel, buildSchedule, buildStep, buildTrained } from "./train/build.ts";
export type { TrainConfig } from "./train/config.ts";
export { evaluate } from "./train/evaluate.ts";
export { createRunFolder, type EpochRecord, openRunFolder, type RunFolder } from "./train/run-folder-node.ts";
export { train } from "./train/train-node.ts";
export type { TrainEvent, TrainOptions, TrainResult } from "./train/train-options.ts";
export { readSafetensorsFile, writeFileAtomic, writeSafetensorsFile } from "./weights/files-node.ts";
