import { Abs } from "./abs.ts";
import { Add } from "./add.ts";
import { ArgMax } from "./arg-max.ts";
import { AveragePool } from "./average-pool.ts";
import { AveragePoolGrad } from "./average-pool-grad.ts";
import { BatchNormGrad } from "./batch-norm-grad.ts";
import { BatchNormTrain } from "./batch-norm-train.ts";
import { BatchNormalization } from "./batch-normalization.ts";
import { Cast } from "./cast.ts";
import { Clip } from "./clip.ts";
import { Concat } from "./concat.ts";
import { Conv } from "./conv.ts";
import { ConvGradInput } from "./conv-grad-input.ts";
import { ConvGradWeight } from "./conv-grad-weight.ts";
import { ConvTranspose } from "./conv-transpose.ts";
import { DequantizeLinear } from "./dequantize-linear.ts";
import { Div } from "./div.ts";
import { Dropout } from "./dropout.ts";
import { DropoutTrain } from "./dropout-train.ts";
import { Elu } from "./elu.ts";
import { Equal } from "./equal.ts";
import { Erf } from "./erf.ts";
import { Exp } from "./exp.ts";
import { Expand } from "./expand.ts";
import { Flatten } from "./flatten.ts";
import { FusedMatMul } from "./fused-mat-mul.ts";
import { Gather } from "./gather.ts";
import { Gemm } from "./gemm.ts";
import { GlobalAveragePool } from "./global-average-pool.ts";
import { GlobalMaxPool } from "./global-max-pool.ts";
import { GreaterOrEqual } from "./greater-or-equal.ts";
import { HardSigmoid } from "./hard-sigmoid.ts";
import { HardSigmoidGrad } from "./hard-sigmoid-grad.ts";
import { HardSwish } from "./hard-swish.ts";
import { Identity } from "./identity.ts";
import { InstanceNormalization } from "./instance-normalization.ts";
import { LayerNormalization } from "./layer-normalization.ts";
import { LeakyRelu } from "./leaky-relu.ts";
import { Log } from "./log.ts";
import { LogSoftmax } from "./log-softmax.ts";
import { LRN } from "./lrn.ts";
import { MatMul } from "./mat-mul.ts";
import { Max } from "./max.ts";
import { MaxPool } from "./max-pool.ts";
import { MaxPoolGrad } from "./max-pool-grad.ts";
import { Mean } from "./mean.ts";
import { Min } from "./min.ts";
import { Mul } from "./mul.ts";
import { NchwcConv } from "./nchwc-conv.ts";
import { NchwcGlobalAveragePool } from "./nchwc-global-average-pool.ts";
import { NchwcMaxPool } from "./nchwc-max-pool.ts";
import { Neg } from "./neg.ts";
import { OneHot } from "./one-hot.ts";
import { PRelu } from "./p-relu.ts";
import { Pad } from "./pad.ts";
import { Pow } from "./pow.ts";
import { QuantizeLinear } from "./quantize-linear.ts";
import { ReduceMax } from "./reduce-max.ts";
import { ReduceMean } from "./reduce-mean.ts";
import { ReduceSum } from "./reduce-sum.ts";
import { ReduceSumSquare } from "./reduce-sum-square.ts";
import { Relu } from "./relu.ts";
import { ReluGrad } from "./relu-grad.ts";
import { ReorderInput } from "./reorder-input.ts";
import { ReorderOutput } from "./reorder-output.ts";
import { Reshape } from "./reshape.ts";
import { Selu } from "./selu.ts";
import { ShakeMean } from "./shake-mean.ts";
import { ShakeShake } from "./shake-shake.ts";
import { Shape } from "./shape.ts";
import { Sigmoid } from "./sigmoid.ts";
import { Slice } from "./slice.ts";
import { Softmax } from "./softmax.ts";
import { Softplus } from "./softplus.ts";
import { Sqrt } from "./sqrt.ts";
import { Squeeze } from "./squeeze.ts";
import { Sub } from "./sub.ts";
import { Sum } from "./sum.ts";
import { Tanh } from "./tanh.ts";
import { Transpose } from "./transpose.ts";
import { Unsqueeze } from "./unsqueeze.ts";
import { Where } from "./where.ts";

/** Every operator this package knows, by its ONNX name: the one table. */
export const operators = {
  Abs,
  Add,
  ArgMax,
  AveragePool,
  AveragePoolGrad,
  BatchNormGrad,
  BatchNormTrain,
  BatchNormalization,
  NchwcConv,
  NchwcGlobalAveragePool,
  NchwcMaxPool,
  Cast,
  Clip,
  Concat,
  Conv,
  ConvGradInput,
  ConvGradWeight,
  ConvTranspose,
  DequantizeLinear,
  Div,
  Dropout,
  DropoutTrain,
  Elu,
  Equal,
  Erf,
  Exp,
  Expand,
  Flatten,
  FusedMatMul,
  Gather,
  Gemm,
  GlobalAveragePool,
  GlobalMaxPool,
  GreaterOrEqual,
  HardSigmoid,
  HardSigmoidGrad,
  HardSwish,
  Identity,
  InstanceNormalization,
  LRN,
  LayerNormalization,
  LeakyRelu,
  Log,
  LogSoftmax,
  MatMul,
  Max,
  MaxPool,
  MaxPoolGrad,
  Mean,
  Min,
  Mul,
  Neg,
  OneHot,
  PRelu,
  Pad,
  Pow,
  QuantizeLinear,
  ReduceMax,
  ReduceMean,
  ReduceSum,
  ReduceSumSquare,
  Relu,
  ReluGrad,
  ReorderInput,
  ReorderOutput,
  Reshape,
  Selu,
  ShakeMean,
  ShakeShake,
  Shape,
  Sigmoid,
  Slice,
  Softmax,
  Softplus,
  Sqrt,
  Squeeze,
  Sub,
  Sum,
  Tanh,
  Transpose,
  Unsqueeze,
  Where,
} as const;

/** Name of an operator in the table. */
export type OperatorName = keyof typeof operators;

/** The operators of our own domain, each to be written in others before an engine can run it. */
export type Composite = {
  [K in OperatorName]: (typeof operators)[K]["domain"] extends "senet" ? K : never;
}[OperatorName];
