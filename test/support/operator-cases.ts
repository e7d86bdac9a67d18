import { dtypes } from "../../src/ir/dtype.ts";
import type { ReferenceOperator } from "../../src/reference/index.ts";
import { convCases, convGradInputCases, convGradWeightCases } from "./conv-cases.ts";
import {
  apart,
  avoiding,
  between,
  type CaseInput,
  fed,
  fedWith,
  given,
  normals,
  type OperatorCase,
  tied,
} from "./operator-case.ts";
import { averagePoolCases, averagePoolGradCases, maxPoolCases, maxPoolGradCases } from "./pool-cases.ts";

/** At least one case for every operator: one without does not compile. */
export const operatorCases: Readonly<Record<ReferenceOperator, readonly [OperatorCase, ...OperatorCase[]]>> =
  {
    Abs: [{ name: "both signs", inputs: [fed([3, 4], avoiding(0))] }],
    Add: binary(),
    ArgMax: [
      { name: "classes", inputs: [fed([3, 5], apart)], attrs: { axis: 1 } },
      { name: "dropped", inputs: [fed([2, 3, 4], apart)], attrs: { axis: -2, keepdims: 0 } },
      { name: "first of equals", inputs: [fed([4, 6], tied)], attrs: { axis: 1 } },
      { name: "last of equals", inputs: [fed([4, 6], tied)], attrs: { axis: 1, select_last_index: 1 } },
    ],
    AveragePool: averagePoolCases(),
    AveragePoolGrad: averagePoolGradCases(),
    BatchNormGrad: [
      { name: "map", inputs: batchNormGrad([4, 3, 5, 4]) },
      { name: "large map, few channels", inputs: batchNormGrad([2, 2, 7, 6]) },
      { name: "1×1 map", inputs: batchNormGrad([6, 3, 1, 1]) },
      { name: "matrix", inputs: batchNormGrad([8, 3]) },
    ],
    BatchNormTrain: [
      { name: "large map, few channels", inputs: batchNorm([2, 2, 7, 6]) },
      { name: "map", inputs: batchNorm([4, 3, 5, 4]), attrs: { epsilon: 1e-5, momentum: 0.1 } },
      { name: "1×1 map", inputs: batchNorm([6, 3, 1, 1]), attrs: { epsilon: 1e-3, momentum: 0.25 } },
      { name: "matrix", inputs: batchNorm([8, 3]) },
    ],
    BatchNormalization: [
      { name: "map", inputs: batchNorm([2, 3, 4, 5]), attrs: { epsilon: 1e-3 } },
      { name: "matrix", inputs: batchNorm([4, 3]) },
    ],
    Cast: [
      { name: "int64 to float32", inputs: [fedWith([-2, 7], "int64")], attrs: { to: dtypes.float32.onnx } },
      { name: "to uint8", inputs: [fedWith([0, 1.9, 255])], attrs: { to: dtypes.uint8.onnx } },
      ...(["float32", "int32", "int64", "bool", "float64"] as const).map((dtype) => ({
        name: `float32 to ${dtype}`,
        inputs: [fedWith([-2.7, -0.4, 0, 0.6, 3])],
        attrs: { to: dtypes[dtype].onnx },
      })),
    ],
    Clip: [
      {
        name: "both bounds",
        inputs: [fed([3, 5], avoiding(-0.5, 1)), given([-0.5], "float32", []), given([1], "float32", [])],
      },
      { name: "below only", inputs: [fed([3, 5], avoiding(0)), given([0], "float32", [])] },
      {
        name: "above only",
        inputs: [fed([3, 5]), null, given([0.25], "float32", [])],
        noGradient: "Clip in the graph: the gradient rules know left-out inputs only at the end.",
      },
      { name: "no bound", inputs: [fed([4])] },
    ],
    Concat: [
      {
        name: "channels",
        inputs: [fed([2, 3, 4, 4]), fed([2, 1, 4, 4]), fed([2, 2, 4, 4])],
        attrs: { axis: 1 },
      },
      { name: "first axis", inputs: [fed([2, 3]), fed([1, 3])], attrs: { axis: 0 } },
      { name: "last axis by −1", inputs: [fed([2, 3]), fed([2, 1])], attrs: { axis: -1 } },
      { name: "one input", inputs: [fed([2, 3])], attrs: { axis: 0 } },
    ],
    Conv: convCases(),
    ConvGradInput: convGradInputCases(),
    ConvGradWeight: convGradWeightCases(),
    ConvTranspose: [
      { name: "plain", inputs: [fed([2, 3, 4, 3]), fed([3, 2, 3, 3])], attrs: { kernel_shape: [3, 3] } },
      {
        name: "stride 2, padded, one row more",
        inputs: [fed([2, 3, 4, 3]), fed([3, 2, 3, 3])],
        attrs: { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], output_padding: [1, 0] },
      },
      {
        name: "group 2, uneven",
        inputs: [fed([1, 4, 3, 5]), fed([4, 3, 2, 3])],
        attrs: { kernel_shape: [2, 3], strides: [2, 1], pads: [0, 1, 1, 0], group: 2 },
      },
      {
        name: "dilation 2",
        inputs: [fed([1, 2, 4, 4]), fed([2, 2, 3, 3])],
        attrs: { kernel_shape: [3, 3], dilations: [2, 2], pads: [1, 1, 1, 1] },
      },
    ],
    DequantizeLinear: [
      {
        name: "activations",
        inputs: [fedWith([0, 3, 128, 255], "uint8"), given([0.5], "float32", []), given([3], "uint8", [])],
      },
      {
        name: "weights, a scale a filter",
        inputs: [
          fedWith([-127, 5, 0, 127, -1, 64], "int8", [3, 2]),
          given([0.5, 2, 0.01], "float32"),
          given([0, 0, 0], "int8"),
        ],
        attrs: { axis: 0 },
      },
      {
        name: "bias without zero point",
        inputs: [fedWith([-70000, 0, 12], "int32"), given([1e-3, 0.1, 2], "float32")],
        attrs: { axis: 0 },
      },
    ],
    Div: binary(between(0.5, 2)),
    Dropout: [
      { name: "ratio", inputs: [fed([3, 4]), given([0.4], "float32", [])] },
      { name: "no ratio", inputs: [fed([3, 4])] },
    ],
    DropoutTrain: [
      { name: "a quarter", inputs: [fed([8, 9]), fed([8, 9], between(0, 1))], attrs: { ratio: 0.25 } },
      { name: "nothing", inputs: [fed([2, 3]), fed([2, 3], between(0, 1))], attrs: { ratio: 0 } },
      {
        name: "noise at the ratio",
        inputs: [fed([3]), given([0.25, 0.5, 0.75], "float32")],
        attrs: { ratio: 0.5 },
      },
    ],
    Elu: [
      { name: "default", inputs: [fed([4, 5], avoiding(0))] },
      { name: "alpha 0.3", inputs: [fed([4, 5], avoiding(0))], attrs: { alpha: 0.3 } },
    ],
    Equal: [
      { name: "integers", inputs: [fedWith([1, 2, 3], "int64"), fedWith([1, 0, 3], "int64")] },
      { name: "broadcast", inputs: [fed([4, 5], tied), fed([5], tied)] },
    ],
    Erf: [...unary(), { name: "far out", inputs: [fedWith([-7, -3, -1e-4, 0, 2, 5.5, 9])] }],
    Exp: unary(),
    Expand: [
      { name: "more rows", inputs: [fed([1, 3]), given([4, 3])] },
      { name: "new axes", inputs: [fed([3, 1]), given([2, 1, 4])] },
      { name: "from a scalar", inputs: [fed([]), given([2, 2])] },
      { name: "shorter than the input", inputs: [fed([2, 3, 4]), given([3, 1])] },
    ],
    Flatten: [
      { name: "default", inputs: [fed([2, 3, 2, 2])] },
      { name: "axis 0", inputs: [fed([2, 3])], attrs: { axis: 0 } },
      { name: "axis −1", inputs: [fed([2, 3, 4])], attrs: { axis: -1 } },
      { name: "behind the last axis", inputs: [fed([2, 3])], attrs: { axis: 2 } },
    ],
    FusedMatMul: [
      { name: "plain", inputs: [fed([3, 4]), fed([4, 2])] },
      { name: "transA", inputs: [fed([4, 3]), fed([4, 2])], attrs: { transA: 1 } },
      { name: "transB, scaled", inputs: [fed([3, 4]), fed([2, 4])], attrs: { transB: 1, alpha: 0.5 } },
      { name: "batches", inputs: [fed([2, 3, 4]), fed([2, 5, 4])], attrs: { transB: 1 } },
    ],
    Gather: [
      { name: "one of a shape", inputs: [fed([4]), given([-1], "int64", [])] },
      { name: "channels", inputs: [fed([2, 5, 3]), given([4, 0, 0])], attrs: { axis: 1 } },
      { name: "a table of indices", inputs: [fed([3, 2]), fedWith([2, 0, 1, 1], "int64", [2, 2])] },
    ],
    Gemm: [
      { name: "plain", inputs: [fed([3, 4]), fed([4, 2])] },
      { name: "transB, bias", inputs: [fed([3, 4]), fed([2, 4]), fed([2])], attrs: { transB: 1 } },
      { name: "full C", inputs: [fed([3, 4]), fed([4, 2]), fed([3, 2])] },
      { name: "column C", inputs: [fed([3, 4]), fed([4, 2]), fed([3, 1])] },
      { name: "transB without bias", inputs: [fed([1, 4]), fed([5, 4])], attrs: { transB: 1 } },
    ],
    GlobalAveragePool: [
      { name: "map", inputs: [fed([2, 3, 4, 5])] },
      { name: "1×1 map", inputs: [fed([2, 3, 1, 1])] },
    ],
    GlobalMaxPool: [
      { name: "map", inputs: [fed([2, 3, 4, 5], apart)] },
      { name: "1×1 map", inputs: [fed([2, 3, 1, 1])] },
    ],
    GreaterOrEqual: [
      { name: "ties", inputs: [fed([4, 5], tied), fed([5], tied)] },
      { name: "scalar", inputs: [fed([6]), fedWith([0], "float32", [])] },
    ],
    HardSigmoid: [
      { name: "default", inputs: [fed([5, 6], avoiding(-2.5, 2.5))] },
      { name: "MobileNet's", inputs: [fedWith([-9, -2, 0.5, 2, 9])], attrs: { alpha: 1 / 6, beta: 0.5 } },
      { name: "often saturated", inputs: [fed([5, 6], avoiding(-0.5, 0.5))], attrs: { alpha: 1, beta: 0.5 } },
    ],
    HardSigmoidGrad: [
      {
        name: "at and between the bounds",
        inputs: [fed([6]), fedWith([0, 0.001, 0.5, 0.999, 1, 0])],
        attrs: { alpha: 0.2 },
      },
    ],
    HardSwish: [
      { name: "all three parts", inputs: [fed([5, 6], avoiding(-3, 3))] },
      { name: "saturated", inputs: [fedWith([-9, -4, 0.5, 4, 9])] },
    ],
    Identity: unary(),
    InstanceNormalization: [
      { name: "map", inputs: [fed([2, 3, 4, 5]), fed([3], between(0.5, 1.5)), fed([3])] },
      {
        name: "large epsilon",
        inputs: [fed([3, 2, 6, 2]), fed([2]), fed([2])],
        attrs: { epsilon: 0.1 },
      },
    ],
    LRN: [
      {
        name: "odd window",
        inputs: [fed([2, 6, 3, 2])],
        attrs: { size: 3, alpha: 0.5, beta: 0.75, bias: 2 },
      },
      { name: "wider than the channels", inputs: [fed([1, 2, 2, 2])], attrs: { size: 5, alpha: 1 } },
    ],
    LayerNormalization: [
      { name: "last axis", inputs: [fed([2, 3, 8]), fed([8], between(0.5, 1.5)), fed([8])] },
      { name: "without bias", inputs: [fed([4, 6]), fed([6])], attrs: { epsilon: 1e-3 } },
      { name: "two axes", inputs: [fed([2, 3, 4]), fed([3, 4]), fed([3, 4])], attrs: { axis: 1 } },
    ],
    LeakyRelu: [
      { name: "default", inputs: [fed([4, 5], avoiding(0))] },
      { name: "alpha 0.2", inputs: [fed([4, 5], avoiding(0))], attrs: { alpha: 0.2 } },
    ],
    Log: [{ name: "positive", inputs: [fed([3, 4], between(0.2, 4))] }],
    LogSoftmax: [
      { name: "last axis", inputs: [fed([3, 5])] },
      { name: "channels", inputs: [fed([2, 3, 4])], attrs: { axis: 1 } },
      { name: "large logits", inputs: [fedWith([100, -50, 99, 0], "float32", [2, 2])] },
    ],
    MatMul: [
      { name: "matrices", inputs: [fed([3, 4]), fed([4, 2])] },
      { name: "one matrix for all", inputs: [fed([2, 3, 4]), fed([4, 2])] },
      { name: "batches that broadcast", inputs: [fed([3, 1, 2, 4]), fed([2, 4, 3])] },
    ],
    Max: [
      { name: "two", inputs: [fed([2, 3, 4], apart), fed([2, 3, 4], avoiding(0))] },
      { name: "three that broadcast", inputs: [fed([2, 3]), fed([3]), fed([2, 1])] },
      { name: "one", inputs: [fed([2, 3])] },
    ],
    MaxPool: maxPoolCases(),
    MaxPoolGrad: maxPoolGradCases(),
    Mean: [
      { name: "two maps", inputs: [fed([2, 3, 4, 4]), fed([2, 3, 4, 4])] },
      { name: "three that broadcast", inputs: [fed([2, 3]), fed([3]), fed([2, 1])] },
    ],
    Min: [
      { name: "same shape", inputs: [fed([2, 3]), fed([2, 3])] },
      { name: "scalar", inputs: [fed([2, 3]), fed([])] },
    ],
    Mul: binary(),
    Neg: unary(),
    OneHot: [
      { name: "labels", inputs: [fedWith([2, 0, 1], "int64"), given([4]), given([0.05, 0.8], "float32")] },
      {
        name: "from the end, out of range",
        inputs: [fedWith([-1, 7], "int64"), given([3]), given([0, 1], "float32")],
      },
    ],
    PRelu: [
      { name: "a slope a channel", inputs: [fed([2, 3, 2, 4], avoiding(0)), fed([3, 1, 1])] },
      { name: "one slope", inputs: [fed([4, 5], avoiding(0)), fed([1])] },
    ],
    Pad: [
      { name: "frame", inputs: [fed([2, 3, 3, 4]), given([0, 0, 1, 2, 0, 0, 3, 0])] },
      { name: "filled", inputs: [fed([2, 3]), given([1, 0, 0, 2]), given([-7], "float32", [])] },
      { name: "cropped", inputs: [fed([4, 5]), given([-1, 0, 0, -2])] },
      { name: "shifted", inputs: [fed([3, 6]), given([0, 2, 0, -2])] },
      ...["reflect", "edge"].map((mode) => ({
        name: mode,
        inputs: [fed([2, 4, 5]), given([0, 2, 3, 0, 1, 2])],
        attrs: { mode },
        noGradient: `Pad: the gradient is written for mode constant only, found ${mode}; pad with a constant.`,
      })),
    ],
    Pow: [
      { name: "square", inputs: [fed([3, 4]), given([2], "float32", [])] },
      { name: "root", inputs: [fed([3, 4], between(0.5, 3)), given([0.5], "float32")] },
      { name: "cube by an integer", inputs: [fed([5]), given([3], "int64", [])] },
      {
        name: "exponents of each",
        inputs: [fed([2, 3], between(0.5, 2)), given([1, 2, 3], "float32")],
        noGradient: "Pow: the gradient is written for one constant exponent only; use a constant, or Mul.",
      },
    ],
    QuantizeLinear: [
      {
        name: "halves to even, clipped at both ends",
        inputs: [
          fedWith([-9, -0.25, 0.25, 0.75, 1.25, 1000]),
          given([0.5], "float32", []),
          given([2], "uint8", []),
        ],
      },
      {
        name: "signed, a scale a channel",
        inputs: [fed([2, 3, 2, 2]), given([0.01, 0.1, 0.25], "float32"), given([0, 0, 0], "int8")],
      },
      { name: "without zero point", inputs: [fedWith([-1, 3.2, 900]), given([1], "float32", [])] },
    ],
    ReduceMax: reductions(apart),
    ReduceMean: reductions(),
    ReduceSum: reductions(),
    ReduceSumSquare: reductions(),
    Relu: [{ name: "both signs", inputs: [fed([4, 5], avoiding(0))] }],
    ReluGrad: [{ name: "zeros too", inputs: [fed([4, 5]), fed([4, 5], tied)] }],
    Reshape: [
      { name: "given", inputs: [fed([2, 6]), given([3, 4])] },
      { name: "rest and copy", inputs: [fed([2, 3, 4]), given([0, -1])] },
      { name: "to a scalar's shape", inputs: [fed([1, 1]), given([])] },
    ],
    Selu: [{ name: "both signs", inputs: [fed([4, 5], avoiding(0))] }],
    Shape: [
      { name: "whole", inputs: [fed([2, 3, 4])] },
      { name: "part", inputs: [fed([2, 3, 4, 5])], attrs: { start: -3, end: 3 } },
    ],
    ShakeMean: [{ name: "two maps", inputs: [fed([2, 3, 4, 4]), fed([2, 3, 4, 4])] }],
    ShakeShake: [
      {
        // The gradient is that of the formula where both shares are the same.
        name: "equal shares",
        inputs: [
          fed([3, 2, 4, 4]),
          fed([3, 2, 4, 4]),
          given([0.25, 0.9, 0], "float32", [3, 1, 1, 1]),
          given([0.25, 0.9, 0], "float32", [3, 1, 1, 1]),
        ],
      },
    ],
    Sigmoid: unary(),
    Slice: [
      { name: "channels", inputs: [fed([2, 5, 3]), given([1]), given([4]), given([1])] },
      { name: "from the end", inputs: [fed([4, 5]), given([-3, 0]), given([100, -1]), given([0, -1])] },
      {
        name: "steps of 1, as exporters write them",
        inputs: [fed([4, 5]), given([1]), given([3]), given([0]), given([1])],
      },
      {
        name: "stride 2",
        inputs: [fed([7, 6]), given([1, 0]), given([7, 6]), given([0, 1]), given([2, 2])],
        noGradient: "Slice: the gradient is written for steps of 1 only; slice with these.",
      },
      {
        name: "turned",
        inputs: [fed([3, 4]), given([-1, -1]), given([-4, -5]), given([0, 1]), given([-1, -1])],
        noGradient: "Slice: the gradient is written for steps of 1 only; slice with these.",
      },
    ],
    Softmax: [
      { name: "last axis", inputs: [fed([3, 5])] },
      { name: "channels", inputs: [fed([2, 3, 4])], attrs: { axis: 1 } },
    ],
    Softplus: [...unary(), { name: "large", inputs: [fedWith([-90, -1, 0, 30, 100])] }],
    Sqrt: [{ name: "positive", inputs: [fed([3, 4], between(0.5, 4))] }],
    Squeeze: [
      { name: "pixels", inputs: [fed([2, 3, 1, 1]), given([2, -1])] },
      { name: "all", inputs: [fed([1, 3, 1, 2])] },
    ],
    Sub: binary(),
    Sum: [
      { name: "three that broadcast", inputs: [fed([2, 3]), fed([3]), fed([2, 1])] },
      { name: "one", inputs: [fed([2, 3])] },
    ],
    Tanh: unary(),
    Transpose: [
      { name: "channels first", inputs: [fed([2, 3, 4, 5])], attrs: { perm: [1, 0, 2, 3] } },
      { name: "turn", inputs: [fed([2, 3, 4])], attrs: { perm: [2, 0, 1] } },
    ],
    Unsqueeze: [
      { name: "pixels", inputs: [fed([2, 3]), given([2, 3])] },
      { name: "from both ends, in any order", inputs: [fed([2, 3]), given([-1, 0])] },
    ],
    Where: [
      {
        name: "two maps",
        inputs: [fedWith([1, 0, 0, 1, 1, 0], "bool", [2, 3]), fed([2, 3]), fed([2, 3])],
      },
      { name: "broadcast", inputs: [fedWith([1, 0], "bool", [2, 1]), fed([3]), fed([4, 1, 1])] },
    ],
  };

function unary(): [OperatorCase, ...OperatorCase[]] {
  return [
    { name: "map", inputs: [fed([2, 3, 4])] },
    { name: "scalar", inputs: [fed([])] },
  ];
}

/** `second` draws the second input. */
function binary(second = apart): [OperatorCase, ...OperatorCase[]] {
  return [
    { name: "same shape", inputs: [fed([2, 3]), fed([2, 3], second)] },
    { name: "gates on a map", inputs: [fed([2, 3, 4, 4]), fed([2, 3, 1, 1], second)] },
    { name: "both broadcast", inputs: [fed([2, 1, 3]), fed([4, 1], second)] },
    { name: "scalar", inputs: [fed([]), fed([2, 3], second)] },
  ];
}

/** `draw` draws the input. */
function reductions(draw = normals): [OperatorCase, ...OperatorCase[]] {
  return [
    { name: "channels", inputs: [fed([2, 3, 4], draw), given([1])], attrs: { keepdims: 0 } },
    {
      name: "batch and pixels, kept",
      inputs: [fed([2, 3, 4, 2], draw), given([0, -1, 2])],
      attrs: { keepdims: 1 },
    },
    { name: "everything", inputs: [fed([2, 3, 4], draw)], attrs: { keepdims: 0 } },
    { name: "everything, kept", inputs: [fed([3, 4], draw)] },
    { name: "no axes: everything", inputs: [fed([3, 4], draw), given([])], attrs: { keepdims: 0 } },
    { name: "no axes: nothing", inputs: [fed([3, 4], draw), given([])], attrs: { noop_with_empty_axes: 1 } },
  ];
}

function batchNorm(shape: readonly number[]): CaseInput[] {
  const channels = [shape[1]];
  return [
    fed(shape),
    fed(channels, between(0.5, 1.5)),
    fed(channels),
    fed(channels),
    fed(channels, between(0.5, 2)),
  ];
}

/** dY, X, scale, batchMean, invStd. */
function batchNormGrad(shape: readonly number[]): CaseInput[] {
  const [x, scale, , mean, invStd] = batchNorm(shape);
  return [fed(shape), x, scale, mean, invStd];
}
