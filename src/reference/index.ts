import type { OperatorName } from "../ops/index.ts";
import {
  clip,
  dropout,
  dropoutTrain,
  elu,
  hardSigmoid,
  hardSigmoidGrad,
  hardSwish,
  leakyRelu,
  pRelu,
  relu,
  reluGrad,
  selu,
  shakeShake,
  sigmoid,
  softplus,
} from "./activation.ts";
import { batchNormalization, batchNormGrad, batchNormTrain } from "./batch-norm.ts";
import { conv, convGradInput, convGradWeight, convTranspose } from "./conv.ts";
import * as elementwise from "./elementwise.ts";
import { expand, flatten, reshape, shape, squeeze, transpose, unsqueeze } from "./layout.ts";
import { fusedMatMul, gemm, matMul } from "./matmul.ts";
import { instanceNormalization, layerNormalization, lrn } from "./normalization.ts";
import { averagePool, averagePoolGrad, maxPool, maxPoolGrad } from "./pool.ts";
import { dequantizeLinear, quantizeLinear } from "./quantization.ts";
import {
  argMax,
  globalAveragePool,
  globalMaxPool,
  logSoftmax,
  reduceMax,
  reduceMean,
  reduceSum,
  reduceSumSquare,
  softmax,
} from "./reduction.ts";
import { concat, gather, oneHot, pad, slice } from "./selection.ts";
import type { ReferenceFunction } from "./types.ts";

/** What a graph holds only once it is bound to one processor's engine, whose layouts are its own affair. */
type Internal = "NchwcConv" | "NchwcGlobalAveragePool" | "NchwcMaxPool" | "ReorderInput" | "ReorderOutput";

export type ReferenceOperator = Exclude<OperatorName, Internal>;

/**
 * How every operator is computed, in float64: ONNX's at opset 18, ONNX Runtime's FusedMatMul, and the composites of
 * the domain `senet`. Written from their specifications, without a look at `ops/` or `passes/lower/`, which are
 * tested against it. An operator of the table `operators` without a function here does not compile.
 */
export const reference: Readonly<Record<ReferenceOperator, ReferenceFunction>> = {
  Abs: elementwise.abs,
  Add: elementwise.add,
  ArgMax: argMax,
  AveragePool: averagePool,
  BatchNormalization: batchNormalization,
  Cast: elementwise.cast,
  Clip: clip,
  Concat: concat,
  Conv: conv,
  ConvTranspose: convTranspose,
  DequantizeLinear: dequantizeLinear,
  Div: elementwise.div,
  Dropout: dropout,
  Elu: elu,
  Equal: elementwise.equal,
  Erf: elementwise.erf,
  Exp: elementwise.exp,
  Expand: expand,
  Flatten: flatten,
  Gather: gather,
  Gemm: gemm,
  GlobalAveragePool: globalAveragePool,
  GlobalMaxPool: globalMaxPool,
  GreaterOrEqual: elementwise.greaterOrEqual,
  HardSigmoid: hardSigmoid,
  HardSwish: hardSwish,
  Identity: elementwise.identity,
  InstanceNormalization: instanceNormalization,
  LRN: lrn,
  LayerNormalization: layerNormalization,
  LeakyRelu: leakyRelu,
  Log: elementwise.log,
  LogSoftmax: logSoftmax,
  MatMul: matMul,
  Max: elementwise.max,
  MaxPool: maxPool,
  Mean: elementwise.mean,
  Min: elementwise.min,
  Mul: elementwise.mul,
  Neg: elementwise.neg,
  OneHot: oneHot,
  PRelu: pRelu,
  Pad: pad,
  Pow: elementwise.pow,
  QuantizeLinear: quantizeLinear,
  ReduceMax: reduceMax,
  ReduceMean: reduceMean,
  ReduceSum: reduceSum,
  ReduceSumSquare: reduceSumSquare,
  Relu: relu,
  Reshape: reshape,
  Selu: selu,
  Shape: shape,
  Sigmoid: sigmoid,
  Slice: slice,
  Softmax: softmax,
  Softplus: softplus,
  Sqrt: elementwise.sqrt,
  Squeeze: squeeze,
  Sub: elementwise.sub,
  Sum: elementwise.sum,
  Tanh: elementwise.tanh,
  Transpose: transpose,
  Unsqueeze: unsqueeze,
  Where: elementwise.where,

  FusedMatMul: fusedMatMul,

  AveragePoolGrad: averagePoolGrad,
  BatchNormGrad: batchNormGrad,
  BatchNormTrain: batchNormTrain,
  ConvGradInput: convGradInput,
  ConvGradWeight: convGradWeight,
  DropoutTrain: dropoutTrain,
  HardSigmoidGrad: hardSigmoidGrad,
  MaxPoolGrad: maxPoolGrad,
  ReluGrad: reluGrad,
  ShakeMean: elementwise.mean,
  ShakeShake: shakeShake,
};
