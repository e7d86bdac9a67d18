import type { OperatorName } from "../ops/index.ts";
import * as activation from "./activation.ts";
import * as batchNorm from "./batch-norm.ts";
import * as convolution from "./conv.ts";
import * as elementwise from "./elementwise.ts";
import * as layout from "./layout.ts";
import * as matmul from "./matmul.ts";
import * as normalization from "./normalization.ts";
import * as pool from "./pool.ts";
import * as quantization from "./quantization.ts";
import * as reduction from "./reduction.ts";
import * as selection from "./selection.ts";
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
  ArgMax: reduction.argMax,
  AveragePool: pool.averagePool,
  BatchNormalization: batchNorm.batchNormalization,
  Cast: elementwise.cast,
  Clip: activation.clip,
  Concat: selection.concat,
  Conv: convolution.conv,
  ConvTranspose: convolution.convTranspose,
  DequantizeLinear: quantization.dequantizeLinear,
  Div: elementwise.div,
  Dropout: activation.dropout,
  Elu: activation.elu,
  Equal: elementwise.equal,
  Erf: elementwise.erf,
  Exp: elementwise.exp,
  Expand: layout.expand,
  Flatten: layout.flatten,
  Gather: selection.gather,
  Gemm: matmul.gemm,
  GlobalAveragePool: reduction.globalAveragePool,
  GlobalMaxPool: reduction.globalMaxPool,
  GreaterOrEqual: elementwise.greaterOrEqual,
  HardSigmoid: activation.hardSigmoid,
  HardSwish: activation.hardSwish,
  Identity: elementwise.identity,
  InstanceNormalization: normalization.instanceNormalization,
  LRN: normalization.lrn,
  LayerNormalization: normalization.layerNormalization,
  LeakyRelu: activation.leakyRelu,
  Log: elementwise.log,
  LogSoftmax: reduction.logSoftmax,
  MatMul: matmul.matMul,
  Max: elementwise.max,
  MaxPool: pool.maxPool,
  Mean: elementwise.mean,
  Min: elementwise.min,
  Mul: elementwise.mul,
  Neg: elementwise.neg,
  OneHot: selection.oneHot,
  PRelu: activation.pRelu,
  Pad: selection.pad,
  Pow: elementwise.pow,
  QuantizeLinear: quantization.quantizeLinear,
  ReduceMax: reduction.reduceMax,
  ReduceMean: reduction.reduceMean,
  ReduceSum: reduction.reduceSum,
  ReduceSumSquare: reduction.reduceSumSquare,
  Relu: activation.relu,
  Reshape: layout.reshape,
  Selu: activation.selu,
  Shape: layout.shape,
  Sigmoid: activation.sigmoid,
  Slice: selection.slice,
  Softmax: reduction.softmax,
  Softplus: activation.softplus,
  Sqrt: elementwise.sqrt,
  Squeeze: layout.squeeze,
  Sub: elementwise.sub,
  Sum: elementwise.sum,
  Tanh: elementwise.tanh,
  Transpose: layout.transpose,
  Unsqueeze: layout.unsqueeze,
  Where: elementwise.where,

  FusedMatMul: matmul.fusedMatMul,

  AveragePoolGrad: pool.averagePoolGrad,
  BatchNormGrad: batchNorm.batchNormGrad,
  BatchNormTrain: batchNorm.batchNormTrain,
  ConvGradInput: convolution.convGradInput,
  ConvGradWeight: convolution.convGradWeight,
  DropoutTrain: activation.dropoutTrain,
  HardSigmoidGrad: activation.hardSigmoidGrad,
  MaxPoolGrad: pool.maxPoolGrad,
  ReluGrad: activation.reluGrad,
  ShakeMean: elementwise.mean,
  ShakeShake: activation.shakeShake,
};
