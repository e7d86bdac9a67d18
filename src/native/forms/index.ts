import type { Node } from "../../ir/graph.ts";
import type { OperatorName } from "../../ops/index.ts";
import { planConcat, planExpand, planPad, planSlice, planTranspose, planView } from "./arrange.ts";
import { planBatchNormalization, planBatchNormGrad, planBatchNormTrain } from "./batch-norm.ts";
import { planConv, planConvGradInput, planConvGradWeight } from "./conv.ts";
import { planFold } from "./fold.ts";
import { planOneHot } from "./one-hot.ts";
import {
  planAveragePool,
  planAveragePoolGrad,
  planGlobalAveragePool,
  planGlobalMaxPool,
  planMaxPool,
  planMaxPoolGrad,
} from "./pool.ts";
import { planGemm, planMatMul } from "./product.ts";
import { planReduceMax, planReduceMean, planReduceSum, planReduceSumSquare } from "./reduce.ts";
import { planReluGrad } from "./relu-grad.ts";
import { planLogSoftmax, planSoftmax } from "./softmax.ts";
import type { Form, Missing } from "./types.ts";

/** Planned by the chains of element-wise nodes (plan/steps.ts). */
const elementWise = "element-wise";
/** Written in other operators before anything is planned (passes/lower, rewrite.ts). */
const lowered = "lowered";

const noGradient: Missing = { missing: "it has no gradient and is in no training step" };
const otherEngine: Missing = { missing: "it is ONNX Runtime's own operator" };

/** How every operator is planned, or why it is not. */
export const forms: {
  readonly [K in OperatorName]: Form<K> | typeof elementWise | typeof lowered | Missing;
} = {
  Abs: elementWise,
  Add: elementWise,
  ArgMax: noGradient,
  AveragePool: planAveragePool,
  AveragePoolGrad: planAveragePoolGrad,
  BatchNormGrad: planBatchNormGrad,
  BatchNormTrain: planBatchNormTrain,
  BatchNormalization: planBatchNormalization,
  Cast: elementWise,
  Clip: elementWise,
  Concat: planConcat,
  Conv: planConv,
  ConvGradInput: planConvGradInput,
  ConvGradWeight: planConvGradWeight,
  ConvTranspose: noGradient,
  DequantizeLinear: noGradient,
  Div: elementWise,
  Dropout: planView,
  DropoutTrain: lowered,
  Elu: elementWise,
  Equal: elementWise,
  Erf: lowered,
  Exp: elementWise,
  Expand: planExpand,
  Flatten: planView,
  FusedMatMul: otherEngine,
  Gather: noGradient,
  Gemm: planGemm,
  GlobalAveragePool: planGlobalAveragePool,
  GlobalMaxPool: planGlobalMaxPool,
  GreaterOrEqual: elementWise,
  HardSigmoid: elementWise,
  HardSigmoidGrad: lowered,
  HardSwish: elementWise,
  Identity: planView,
  InstanceNormalization: lowered,
  LRN: noGradient,
  LayerNormalization: lowered,
  LeakyRelu: elementWise,
  Log: elementWise,
  LogSoftmax: planLogSoftmax,
  MatMul: planMatMul,
  Max: (planner, node) => planFold(planner, node, "max"),
  MaxPool: planMaxPool,
  MaxPoolGrad: planMaxPoolGrad,
  Mean: (planner, node) => planFold(planner, node, "add", 1 / node.inputs.length),
  Min: (planner, node) => planFold(planner, node, "min"),
  Mul: elementWise,
  NchwcConv: otherEngine,
  NchwcGlobalAveragePool: otherEngine,
  NchwcMaxPool: otherEngine,
  Neg: elementWise,
  OneHot: planOneHot,
  PRelu: lowered,
  Pad: planPad,
  Pow: elementWise,
  QuantizeLinear: noGradient,
  ReduceMax: planReduceMax,
  ReduceMean: planReduceMean,
  ReduceSum: planReduceSum,
  ReduceSumSquare: planReduceSumSquare,
  Relu: elementWise,
  ReluGrad: planReluGrad,
  ReorderInput: otherEngine,
  ReorderOutput: otherEngine,
  Reshape: planView,
  Selu: elementWise,
  ShakeMean: (planner, node) => planFold(planner, node, "add", 1 / node.inputs.length),
  ShakeShake: lowered,
  Shape: noGradient,
  Sigmoid: elementWise,
  Slice: planSlice,
  Softmax: planSoftmax,
  Softplus: elementWise,
  Sqrt: elementWise,
  Squeeze: planView,
  Sub: elementWise,
  Sum: (planner, node) => planFold(planner, node, "add"),
  Tanh: elementWise,
  Transpose: planTranspose,
  Unsqueeze: planView,
  Where: lowered,
};

/** Whether an operator is written in others before it is planned. */
export function isLowered(op: string): boolean {
  return forms[op as OperatorName] === lowered;
}

/** The plan of one node that is no part of a chain. */
export function formOf({ op }: Node): Form | Missing {
  const form = forms[op as OperatorName];
  return typeof form === "string"
    ? { missing: "inputs like these are not planned" }
    : (form as Form | Missing);
}
