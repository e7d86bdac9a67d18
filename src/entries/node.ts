/**
 * Everything of `senet`, and what needs Node: sessions of ONNX Runtime, predictions, files, weights, training. Data sets by themselves
 * are in `senet/data`, 8-bit integers in `senet/quantize`, measurements in `senet/measure`.
 *
 * @example
 * import { createModel, createSession, writeOnnx, zeros } from "senet/node";
 * await using session = await createSession(writeOnnx(createModel("seresnet20")));
 * const { logits } = await session.run({ images: zeros([1, 3, 32, 32]) });
 *
 * @module
 */
export { type DataOptions, type Loader, openData, openLoader } from "../data/loader/loader-node.ts";
export { readOnnxFile } from "../onnx/read-onnx-file-node.ts";
export {
  type ClassifyImages,
  type ClassifyOptions,
  type PipelineOptions,
  pipeline,
} from "../predict/pipeline-node.ts";
export type { ImageInput, RawImage } from "../predict/read-image-node.ts";
export type { Prediction } from "../predict/top-classes.ts";
export { createSession } from "../runtime/node.ts";
export type { TrainConfig } from "../train/config.ts";
export { configureRun, type Run, type RunOverrides } from "../train/configure-run-node.ts";
export type { TakenEngine } from "../train/engine/create-runner-node.ts";
export type { EngineChoice, EngineOptions, TrainEngine } from "../train/engine/engine.ts";
export { openStepRunner } from "../train/engine/open-step-runner-node.ts";
export type { EpochRecord } from "../train/epoch-record.ts";
export { type EvaluateOptions, evaluate } from "../train/evaluate.ts";
export { type MeanGatesOptions, meanGates } from "../train/mean-gates.ts";
export { type Origin, type OriginOptions, openOrigin } from "../train/origin-node.ts";
export { openRunData, type RunDataOptions } from "../train/run-data-node.ts";
export { createRunFolder, openRunFolder, type RunFolder } from "../train/run-folder-node.ts";
export { prepareRun, train } from "../train/train-node.ts";
export type { PreparedRun, TrainEvent, TrainOptions, TrainResult } from "../train/train-options.ts";
export { createPretrained, type PretrainedOptions } from "../weights/create-pretrained-node.ts";
export { readSafetensorsFile, writeSafetensorsFile } from "../weights/formats/safetensors-file-node.ts";
export type { TimmConfig } from "../weights/hub/hub-config.ts";
export {
  type HubProgress,
  type HubWeights,
  type ResolveOptions,
  resolveWeights,
} from "../weights/hub/hub-node.ts";
export { readLabelOrder } from "../weights/label-order-node.ts";
export { openWeights } from "../weights/open-weights-node.ts";
export type { CheckpointOptions } from "../weights/pickle/torch-checkpoint.ts";
export * from "./index.ts";
