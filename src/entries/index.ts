/**
 * Squeeze-and-Excitation networks as graphs: build, count, edit, read and write them. Everything here runs in Node and in browsers.
 * Sessions, predictions, data and training are in `senet/node`; parts for those who build their own are in `senet/graph`, `senet/nn`,
 * `senet/models`, `senet/passes`, `senet/analysis`, `senet/weights` and `senet/train`.
 *
 * @example
 * import { complexity, createModel } from "senet";
 * complexity(createModel("seresnet20", { classes: 100 })).macs; // 40,821,632
 *
 * @module
 */
export { type Complexity, complexity } from "../analysis/complexity.ts";
export { type ErrorCode, SenetError } from "../base/errors.ts";
export type { Resource } from "../base/resource.ts";
export type { GraphBuilder } from "../ir/builder.ts";
export type { DType } from "../ir/dtype.ts";
export type { Graph, Node, Value } from "../ir/graph.ts";
export { print as printGraph } from "../ir/print.ts";
export type { Dim, Shape } from "../ir/shape.ts";
export { scalar, type Tensor, tensor, zeros } from "../ir/tensor.ts";
export { createModel, type ModelOptions } from "../models/create-model.ts";
export { listModels } from "../models/list-models.ts";
export type { SEPlan } from "../models/parts/se-plan.ts";
export { squeezeExcite } from "../nn/se.ts";
export type { SEOptions } from "../nn/se-options.ts";
export type { ExternalData } from "../onnx/external-data.ts";
export { type ReadOnnxOptions, readOnnx } from "../onnx/read-onnx.ts";
export { type WriteOnnxOptions, writeOnnx } from "../onnx/write-onnx.ts";
export { newGraph } from "../ops/new-graph.ts";
export { type Optimized, type OptimizeOptions, optimize } from "../passes/inference/optimize.ts";
export { type InsertedSE, type InsertSEOptions, insertSE } from "../passes/se/insert-se.ts";
export { matchSE, type SEBlock } from "../passes/se/match-se.ts";
export { type StrippedSE, stripSE } from "../passes/se/strip-se.ts";
export type { Session, SessionOptions, Tensors, ValueInfo } from "../runtime/session.ts";
export {
  type AdamWOptions,
  adamW,
  type Optimizer,
  type SgdOptions,
  sgd,
} from "../train/step/optimizers.ts";
export { type TrainStep, type TrainStepOptions, trainStep } from "../train/step/train-step.ts";
