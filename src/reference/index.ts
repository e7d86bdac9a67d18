import type { OperatorName } from "../ops/index.ts";
import {
  clip,
  dropout,
  dropoutTrain,
  hardSigmoid,
  hardSigmoidGrad,
  hardSwish,
  relu,
  reluGrad,
  shakeShake,
  sigmoid,
} from "./activation.ts";
import { batchNormalization, batchNormGrad, batchNormTrain } from "./batch-norm.ts";
import { conv, convGradInput, convGradWeight, convTranspose } from "./conv.ts";
import * as elementwise from "./elementwise.ts";
import { expand, flatten, reshape, transpose } from "./layout.ts";
import { fusedMatMul, gemm, matMul } from "./matmul.ts";
import { averagePool, averagePoolGrad, maxPool, maxPoolGrad } from "./pool.ts";
import {
  globalAveragePool,
  logSoftmax,
  reduceMean,
  reduceSum,
  reduceSumSquare,
  softmax,
} from "./reduction.ts";
import { concat, oneHot, pad, slice } from "./selection.ts";
import type { ReferenceFunction } from "./types.ts";

/** What a graph holds only once it is bound to one processor's engine, whose layouts are its own affair. */
type Internal = "BlockedConv" | "ReorderInput" | "ReorderOutput";

export type ReferenceOperator = Exclude<OperatorName, Internal>;

/**
 * How every operator is computed, in float64: ONNX's at opset 18, ONNX Runtime's FusedMatMul, and the composites of
 * the domain `senet`. Written from their specifications, without a look at `ops/` or `passes/lower/`, which are
 * tested against it. An operator of the table `operators` without a function here does not compile.
 */
export const reference: Readonly<Record<ReferenceOperator, ReferenceFunction>> = {
  Add: elementwise.add,
  AveragePool: averagePool,
  BatchNormalization: batchNormalization,
  Cast: elementwise.cast,
  Clip: clip,
  Concat: concat,
  Conv: conv,
  ConvTranspose: convTranspose,
  Div: elementwise.div,
  Dropout: dropout,
  Equal: elementwise.equal,
  Expand: expand,
  Flatten: flatten,
  Gemm: gemm,
  GlobalAveragePool: globalAveragePool,
  GreaterOrEqual: elementwise.greaterOrEqual,
  HardSigmoid: hardSigmoid,
  HardSwish: hardSwish,
  Identity: elementwise.identity,
  LogSoftmax: logSoftmax,
  MatMul: matMul,
  MaxPool: maxPool,
  Mean: elementwise.mean,
  Min: elementwise.min,
  Mul: elementwise.mul,
  Neg: elementwise.neg,
  OneHot: oneHot,
  Pad: pad,
  ReduceMean: reduceMean,
  ReduceSum: reduceSum,
  ReduceSumSquare: reduceSumSquare,
  Relu: relu,
  Reshape: reshape,
  Sigmoid: sigmoid,
  Slice: slice,
  Softmax: softmax,
  Sqrt: elementwise.sqrt,
  Sub: elementwise.sub,
  Sum: elementwise.sum,
  Transpose: transpose,

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
  ShakeShake: shakeShake,
};
