import { isFlowing, type Node, type Value } from "../../ir/graph.ts";
import type { Uses } from "../../ir/uses.ts";
import { isOp, isPlainGemm, isView, type NodeOf, oneOf } from "../../ops/predicates.ts";

/** How ONNX Runtime computes a node with integers. */
export interface IntegerForm {
  /**
   * `layer`: has weights; `clamp`: a ReLU, which storing its result performs; `passing`: passes its input on in
   * the same scale; `arithmetic`: everything else.
   */
  readonly kind: "layer" | "clamp" | "passing" | "arithmetic";
  /** Whether integers may come in and floats go out. */
  readonly mayEndFloat?: boolean;
  /** Of a layer: the axis of its weight that counts its outputs. */
  readonly axis?: number;
}

/** Nodes that give their input on, perhaps in another shape or fewer of its numbers. */
const isPassing = (node: Node) => isView(node) || node.op === "MaxPool" || node.op === "Transpose";
const isArithmetic = oneOf(
  ...(["Add", "Mul", "Concat", "AveragePool", "GlobalAveragePool", "LeakyRelu", "Sigmoid"] as const),
);

/**
 * How a node is computed with integers, or why it is not.
 *
 * The operators are those that onnxruntime 1.30 fuses on a CPU when they stand between DequantizeLinear and QuantizeLinear
 * (`qdq_selector_action_transformer.cc`).
 */
export function integerForm(node: Node, uses: Uses): IntegerForm | string {
  const { op, inputs, outputs } = node;
  if (outputs.some(({ dtype }) => dtype !== "float32")) return "it computes no float32";
  if (isOp(node, "Conv", "Gemm", "MatMul")) return layerForm(node, uses);
  if (op === "Relu" || isReluWithCeiling(node, uses)) return { kind: "clamp" };
  if (isPassing(node)) return { kind: "passing" };
  if (!isArithmetic(node)) return "ONNX Runtime has no integer form of it";
  if (inputs.some((input) => input && !isFlowing(input))) return "it computes with a constant";
  return { kind: "arithmetic" };
}

function layerForm(node: NodeOf<"Conv" | "Gemm" | "MatMul">, uses: Uses): IntegerForm | string {
  const [x, weight, bias] = node.inputs;
  if (!isFlowing(x) || !uses.isStored(weight) || (bias && !uses.isStored(bias)))
    return "its weights are computed or fed";
  if (weight.dtype !== "float32") return `its weights are ${weight.dtype}`;
  if (node.op === "Conv") return { kind: "layer", axis: 0 };
  if (!isOp(node, "Gemm")) {
    return weight.shape.length === 2
      ? { kind: "layer", axis: 1, mayEndFloat: true }
      : "its weights are no matrix";
  }
  if (!isPlainGemm(node)) return "it scales or transposes its input";
  const axis = node.attrs.transB === 1 ? 0 : 1;
  if (bias && bias.tensor?.data.length !== weight.shape[axis])
    return "its bias has another shape than its output";
  return { kind: "layer", axis, mayEndFloat: true };
}

/** Clip to [0, c], such as ReLU6. */
function isReluWithCeiling({ op, inputs: [, min, max] }: Node, uses: Uses): boolean {
  return op === "Clip" && uses.isStored(min) && min.tensor.data[0] === 0 && uses.isStored(max);
}

/** The value whose numbers a value holds, perhaps in another shape or fewer of them. */
export function sourceOf(value: Value): Value {
  const { producer } = value;
  const [input] = producer?.inputs ?? [];
  return producer && isPassing(producer) && input ? sourceOf(input) : value;
}
