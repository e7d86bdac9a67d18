/**
 * Functions from graph to graph: rewrites for inference, SE blocks in and out, gradients, smaller weights. None changes the graph it is given.
 *
 * @example
 * import { createModel } from "senet";
 * import { bindDims, foldBatchNorm, matchSE } from "senet/passes";
 * const net = bindDims(createModel("seresnet50"), { N: 1 });
 * matchSE(net).length; // 16
 * foldBatchNorm(net).applied;
 *
 * @module
 */
export { bindDims, withBatchOfOne } from "../passes/graph/bind-dims.ts";
export { foldConstants } from "../passes/graph/fold-constants.ts";
export { makeBatchDynamic } from "../passes/graph/make-batch-dynamic.ts";
export { removeDeadNodes } from "../passes/graph/remove-dead-nodes.ts";
export type { Rewritten, SkippedPlace } from "../passes/graph/rewrite.ts";
export { withWeights } from "../passes/graph/with-weights.ts";
export { withoutSoftmax } from "../passes/graph/without-softmax.ts";
export { type EarlySqueezeOptions, earlySqueeze } from "../passes/inference/early-squeeze.ts";
export { foldBatchNorm } from "../passes/inference/fold-batch-norm.ts";
export { globalPools } from "../passes/inference/global-pools.ts";
export {
  type Optimized,
  type OptimizeOptions,
  optimize,
  type RuleReport,
} from "../passes/inference/optimize.ts";
export {
  type ScaleByConvolutionOptions,
  scaleByConvolution,
} from "../passes/inference/scale-by-convolution.ts";
export { lower } from "../passes/lower/lower.ts";
export { toNchwc } from "../passes/nchwc/to-nchwc.ts";
export { compressWeights } from "../passes/quantization/compress-weights.ts";
export { type WeightFormat, weightFormats } from "../passes/quantization/weight-formats.ts";
export { findSEPlaces, type PlaceKind, placeKinds, type SEPlace } from "../passes/se/find-se-places.ts";
export { type InsertedSE, type InsertSEOptions, insertSE } from "../passes/se/insert-se.ts";
export { matchSE, type SEBlock } from "../passes/se/match-se.ts";
export { type StrippedSE, stripSE } from "../passes/se/strip-se.ts";
export { tapGates } from "../passes/se/tap-gates.ts";
export { differentiate } from "../passes/training/differentiate.ts";
export { type ToTrainingOptions, type TrainingGraph, toTraining } from "../passes/training/to-training.ts";
