/**
 * Squeeze-and-Excitation networks: graphs, their gradients, and the files they live in. Everything here runs in Node and
 * in browsers alike; what needs Node (files, data sets, sessions, training) is in `senet/node`.
 *
 * @example
 * import { complexity, createModel } from "senet";
 * complexity(createModel("seresnet20", { classes: 100 })).macs;
 */
export {
  type ComplexityDifferences,
  compareComplexity,
  type Difference,
} from "./analysis/compare-complexity.ts";
export { type Complexity, type ComplexityTotals, complexity, type KindCost } from "./analysis/complexity.ts";
export {
  type Latency,
  type LatencyOptions,
  type LatencyTask,
  measureAlternating,
} from "./analysis/latency.ts";
export type { ModuleCost } from "./analysis/module-tree.ts";
export type { Counts, NodeCost } from "./analysis/node-cost.ts";
export {
  type ComparedRow,
  compareLastStage,
  comparePaper,
  type LastStageRemoval,
  type PaperFigure,
} from "./analysis/paper-comparison.ts";
export type { PaperRow } from "./analysis/paper-figures.ts";
export {
  type KindProfile,
  type ModuleProfile,
  type Profile,
  type ProfileKind,
  type ProfileOptions,
  profileOf,
  type SEShares,
  type Shares,
} from "./analysis/profile.ts";
export { type ErrorCode, SenetError } from "./base/errors.ts";
export type { GraphBuilder } from "./ir/builder.ts";
export type { DType } from "./ir/dtype.ts";
export {
  type Attr,
  type Graph,
  type Node,
  type Output,
  parametersOf,
  type Role,
  statesOf,
  storedValues,
  type Value,
} from "./ir/graph.ts";
export type { Cost, Kind, Operator, OperatorTable } from "./ir/operator.ts";
export { print as printGraph } from "./ir/print.ts";
export type { Dim, Shape } from "./ir/shape.ts";
export { scalar, type Tensor, type TensorData, tensor, zeros } from "./ir/tensor.ts";
export { createModel, type ModelOptions } from "./models/create-model.ts";
export { describeModel, type ModelDescription, readDescription } from "./models/describe-model.ts";
export { findModel } from "./models/find-model.ts";
export type { BuildOptions, ModelEntry, Preprocessing } from "./models/model-entry.ts";
export { registry } from "./models/registry.ts";
export type { SEPlaces, SEPlan, StagePlan } from "./models/se-plan.ts";
export {
  type Activation,
  activationNames,
  hardSigmoid,
  hardSwish,
  relu,
  relu6,
  sigmoid,
  silu,
} from "./nn/activations.ts";
export { batchNorm } from "./nn/batch-norm.ts";
export { type Activate, type ConvNormOptions, convNorm } from "./nn/conv-norm.ts";
export { type Conv2dOptions, conv2d } from "./nn/conv2d.ts";
export { dropout } from "./nn/dropout.ts";
export { hiddenWidths, type SEFamily } from "./nn/excitations.ts";
export { gates } from "./nn/gates.ts";
export { linear } from "./nn/linear.ts";
export { averagePool, globalAveragePool, maxPool, type PoolOptions } from "./nn/pooling.ts";
export { squeezeExcite } from "./nn/se.ts";
export {
  type Excitation,
  excitationNames,
  type Gate,
  gateNames,
  type Placement,
  placements,
  type Squeeze,
  squeezeNames,
} from "./nn/se-names.ts";
export type { HiddenWidth, SEOptions } from "./nn/se-options.ts";
export type { ExternalData } from "./onnx/external-data.ts";
export { type ReadOnnxOptions, readOnnx } from "./onnx/read-onnx.ts";
export { type WriteOnnxOptions, writeOnnx } from "./onnx/write-onnx.ts";
export { type OperatorName, operators } from "./ops/index.ts";
export { newGraph } from "./ops/new-graph.ts";
export { verify } from "./ops/verify.ts";
export { bindDims, withBatchOfOne } from "./passes/graph/bind-dims.ts";
export { foldConstants } from "./passes/graph/fold-constants.ts";
export { makeBatchDynamic } from "./passes/graph/make-batch-dynamic.ts";
export { removeDeadNodes } from "./passes/graph/remove-dead-nodes.ts";
export type { Rewritten, SkippedPlace } from "./passes/graph/rewrite.ts";
export { withWeights } from "./passes/graph/with-weights.ts";
export { withoutSoftmax } from "./passes/graph/without-softmax.ts";
export { type EarlySqueezeOptions, earlySqueeze } from "./passes/inference/early-squeeze.ts";
export { foldBatchNorm } from "./passes/inference/fold-batch-norm.ts";
export { globalPools } from "./passes/inference/global-pools.ts";
export {
  type Optimized,
  type OptimizeOptions,
  optimize,
  type RuleReport,
} from "./passes/inference/optimize.ts";
export { scaleByConvolution } from "./passes/inference/scale-by-convolution.ts";
export { lower } from "./passes/lower/lower.ts";
export { toNchwc } from "./passes/nchwc/to-nchwc.ts";
export { compressWeights } from "./passes/quantization/compress-weights.ts";
export { type WeightFormat, weightFormats } from "./passes/quantization/weight-formats.ts";
export { findSEPlaces, type PlaceKind, placeKinds, type SEPlace } from "./passes/se/find-se-places.ts";
export { type InsertedSE, type InsertSEOptions, insertSE } from "./passes/se/insert-se.ts";
export { matchSE, type SEBlock } from "./passes/se/match-se.ts";
export { type StrippedSE, stripSE } from "./passes/se/strip-se.ts";
export { tapGates } from "./passes/se/tap-gates.ts";
export { differentiate } from "./passes/training/differentiate.ts";
export { type TrainingGraph, toTraining } from "./passes/training/to-training.ts";
export type { Session, SessionOptions, Tensors, ValueInfo } from "./runtime/session.ts";
export type { Metrics } from "./train/metrics.ts";
export { adamWRecipe, defaultAugment, defaultRecipe } from "./train/recipe.ts";
export { crossEntropy } from "./train/step/loss.ts";
export {
  type AdamWOptions,
  adamW,
  type Optimizer,
  type SgdOptions,
  type Slot,
  sgd,
  type Update,
} from "./train/step/optimizers.ts";
export { type Schedule, type ScheduleName, schedule, scheduleNames } from "./train/step/schedules.ts";
export { createStepRunner, type StepBatch, type StepRunner } from "./train/step/step-runner.ts";
export {
  composeTrainStep,
  type TrainStep,
  type TrainStepOptions,
  trainStep,
} from "./train/step/train-step.ts";
export { findHead, type Head } from "./weights/find-head.ts";
export { decodeSafetensors, encodeSafetensors, type Safetensors } from "./weights/formats/safetensors.ts";
export type { WeightsEntry, WeightsFile, WeightsFormat } from "./weights/formats/weights-file.ts";
export { type LoadedWeights, type LoadWeightsOptions, loadWeights } from "./weights/load-weights.ts";
export { matchWeights, type WeightsMatch } from "./weights/match-weights.ts";
export { resetHead } from "./weights/reset-head.ts";
export { WeightsMismatch } from "./weights/weights-mismatch.ts";
export type { WeightsReport } from "./weights/weights-report.ts";
