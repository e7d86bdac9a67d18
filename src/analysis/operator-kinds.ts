import type { Node, Value } from "../ir/graph.ts";
import type { OperatorName } from "../ops/index.ts";

/** The kinds of work that are counted apart, in the order in which they are shown. */
export const kinds = [
  "convolution",
  "linear",
  "normalization",
  "activation",
  "pooling",
  /** Products of two computed tensors, such as a map and its gate. */
  "scale",
  /** Sums (and means, element by element) of computed tensors, such as a residual branch and its shortcut. */
  "sum",
  /** All else: copies, views, arithmetic with constants, optimizers. */
  "other",
] as const;

export type Kind = (typeof kinds)[number];

/** What an operator does. Total: an operator that is missing here does not compile. */
const kindOfOperator: Readonly<Record<OperatorName, Kind>> = {
  Abs: "other",
  Add: "sum",
  ArgMax: "other",
  AveragePool: "pooling",
  AveragePoolGrad: "pooling",
  BatchNormGrad: "normalization",
  BatchNormTrain: "normalization",
  BatchNormalization: "normalization",
  NchwcConv: "convolution",
  NchwcGlobalAveragePool: "pooling",
  NchwcMaxPool: "pooling",
  Cast: "other",
  Clip: "activation",
  Concat: "other",
  Conv: "convolution",
  ConvGradInput: "convolution",
  ConvGradWeight: "convolution",
  ConvTranspose: "convolution",
  DequantizeLinear: "other",
  Div: "other",
  Dropout: "other",
  DropoutTrain: "other",
  Elu: "activation",
  Equal: "other",
  Erf: "activation",
  Exp: "other",
  Expand: "other",
  Flatten: "other",
  FusedMatMul: "linear",
  Gather: "other",
  Gemm: "linear",
  GlobalAveragePool: "pooling",
  GlobalMaxPool: "pooling",
  GreaterOrEqual: "other",
  HardSigmoid: "activation",
  HardSigmoidGrad: "activation",
  HardSwish: "activation",
  Identity: "other",
  InstanceNormalization: "normalization",
  LRN: "normalization",
  LayerNormalization: "normalization",
  LeakyRelu: "activation",
  Log: "other",
  LogSoftmax: "activation",
  MatMul: "linear",
  Max: "other",
  MaxPool: "pooling",
  MaxPoolGrad: "pooling",
  Mean: "sum",
  Min: "other",
  Mul: "scale",
  Neg: "other",
  OneHot: "other",
  PRelu: "activation",
  Pad: "other",
  Pow: "other",
  QuantizeLinear: "other",
  ReduceMax: "pooling",
  ReduceMean: "pooling",
  ReduceSum: "other",
  ReduceSumSquare: "other",
  Relu: "activation",
  ReluGrad: "activation",
  ReorderInput: "other",
  ReorderOutput: "other",
  Reshape: "other",
  Selu: "activation",
  ShakeShake: "sum",
  Shape: "other",
  Sigmoid: "activation",
  Slice: "other",
  Softmax: "activation",
  Softplus: "activation",
  Sqrt: "other",
  Squeeze: "other",
  Sub: "other",
  Sum: "sum",
  Tanh: "activation",
  Transpose: "other",
  Unsqueeze: "other",
  Where: "other",
};

/**
 * What a node does: what its operator does, but that arithmetic with a constant (residual scaling, a bias of its own) is `other`,
 * and the product in SiLU and HardSwish, x·σ(x), belongs to the activation.
 */
export function kindOf(node: Node): Kind {
  const kind = kindOfOperator[node.op as OperatorName];
  if (kind !== "scale" && kind !== "sum") return kind;
  if (node.inputs.filter(isFlowing).length < 2) return "other";
  return kind === "scale" && isSelfGate(node) ? "activation" : kind;
}

/** Whether a value depends on what is fed, as opposed to weights and constants. */
export function isFlowing(value: Value | null): value is Value {
  return value?.role === "computed" || value?.role === "input";
}

/** What activations are written in where there is no operator for the whole. */
const ELEMENTWISE: ReadonlySet<string> = new Set<OperatorName>([
  ...(["Sigmoid", "HardSigmoid", "Tanh", "Erf", "Softplus", "Clip", "Relu", "Min"] as const),
  ...(["Add", "Sub", "Mul", "Div"] as const),
]);

/** Steps from x to f(x); HardSwish written out has two. */
const LONGEST_SELF_GATE = 8;

/** x·f(x), f element by element and with constants only, such as x·sigmoid(x) or x·clip(x + 3, 0, 6). */
function isSelfGate({ inputs: [x, y] }: Node): boolean {
  return isFunctionOf(x, y) || isFunctionOf(y, x);
}

function isFunctionOf(value: Value | null, source: Value | null): boolean {
  let from = value;
  for (let steps = 0; from && from !== source && steps < LONGEST_SELF_GATE; steps++) {
    const { producer }: Value = from;
    if (!producer || !ELEMENTWISE.has(producer.op)) return false;
    const [input, ...others] = producer.inputs.filter(isFlowing);
    if (others.length > 0) return false;
    from = input ?? null;
  }
  return from === source && value !== source;
}

const VIEWS: ReadonlySet<string> = new Set<OperatorName>([
  ...(["Identity", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Dropout"] as const),
]);

/** Whether a node only gives another shape or name to its first input: an engine copies nothing. `Dropout` is that at inference. */
export function isView({ op }: Node): boolean {
  return VIEWS.has(op);
}
