/**
 * What needs Node: ONNX Runtime sessions, predictions, files, data sets, run folders and training. The rest is in `senet`.
 *
 * @example
 * import { createModel, writeOnnx, zeros } from "senet";
 * import { createSession } from "senet/node";
 * const session = await createSession(writeOnnx(createModel("seresnet20")));
 * const { logits } = await session.run({ images: zeros([1, 3, 32, 32]) });
 */

export type { DataSource, Dataset, DatasetInfo, OpenOptions, OpenProgress } from "./data/dataset/dataset.ts";
export type { ChannelStatistics } from "./data/dataset/normalize.ts";
export { type Fit, fitImage, squareFit } from "./data/images/fit-image.ts";
export type { AugmentOptions } from "./data/loader/augment.ts";
export type { Batch } from "./data/loader/batch-pool.ts";
export { type BatchOptions, batchCount, batches } from "./data/loader/batches.ts";
export { type Loader, openLoader } from "./data/loader/loader-node.ts";
export { openDataset } from "./data/open-dataset-node.ts";
export { writeFileAtomic } from "./files/write-file-atomic-node.ts";
export { readOnnxFile } from "./onnx/read-onnx-file-node.ts";
export type { ClassifierOptions } from "./predict/image-classifier-node.ts";
export {
  type ClassifyImages,
  type ClassifyOptions,
  type PipelineOptions,
  pipeline,
} from "./predict/pipeline-node.ts";
export type { ImageInput, RawImage } from "./predict/read-image-node.ts";
export type { Prediction } from "./predict/top-classes.ts";
export { type CalibrationMethod, calibrationMethods } from "./quantize/calibration-methods.ts";
export { quantize } from "./quantize/quantize-node.ts";
export type {
  AccuracyGoal,
  FloatNode,
  LayerReport,
  Quantized,
  QuantizeOptions,
  QuantizeProgress,
} from "./quantize/quantize-options.ts";
export { type Difference, largestDifference } from "./runtime/largest-difference-node.ts";
export { createSession } from "./runtime/node.ts";
export {
  type MeasuredForm,
  type MeasureFormsOptions,
  measureForms,
  type OptimizedForm,
  optimizedForms,
} from "./runtime/optimized-forms-node.ts";
export { probeBlock } from "./runtime/probe-block-node.ts";
export type { Session, SessionOptions, Tensors, ValueInfo } from "./runtime/session.ts";
export { buildModel, buildSchedule, buildStep, buildTrained } from "./train/build.ts";
export type { TrainConfig } from "./train/config.ts";
export type { EpochRecord } from "./train/epoch-record.ts";
export { evaluate } from "./train/evaluate.ts";
export { type MeanGatesOptions, meanGates } from "./train/mean-gates.ts";
export { createRunFolder, openRunFolder, type RunFolder } from "./train/run-folder-node.ts";
export { train } from "./train/train-node.ts";
export type { TrainEvent, TrainOptions, TrainResult } from "./train/train-options.ts";
export { createPretrained, type PretrainedOptions } from "./weights/create-pretrained-node.ts";
export { readSafetensorsFile, writeSafetensorsFile } from "./weights/formats/safetensors-file-node.ts";
export {
  type HubProgress,
  type HubWeights,
  type ResolveOptions,
  resolveWeights,
} from "./weights/hub/hub-node.ts";
export { readLabelOrder } from "./weights/label-order-node.ts";
export { openWeights } from "./weights/open-weights-node.ts";
