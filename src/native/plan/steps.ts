import type { Node, Value } from "../../ir/graph.ts";
import type { Uses } from "../../ir/uses.ts";
import { isOp } from "../../ops/predicates.ts";
import type { Binary, Eltwise } from "../binding/dnnl.ts";
import { storedNumber } from "./planner.ts";

/** A function of one number with its constants. */
export interface Curve {
  readonly alg: Eltwise;
  readonly alpha: number;
  readonly beta: number;
}

/** What an element-wise node does to each number: functions of it, one after the other, or one of two numbers. */
export type Step =
  | { readonly kind: "curves"; readonly of: Value; readonly curves: readonly Curve[] }
  | { readonly kind: "pair"; readonly alg: Binary; readonly left: Value; readonly right: Value };

const binaryOf: Readonly<Record<string, Binary>> = {
  Add: "add",
  Div: "div",
  Equal: "eq",
  GreaterOrEqual: "ge",
  Max: "max",
  Min: "min",
  Mul: "mul",
  Sub: "sub",
  Sum: "add",
};

/** The largest float32. */
const LARGEST = 3.4028234663852886e38;
const [SELU_ALPHA, SELU_GAMMA] = [1.6732632423543772, 1.0507009873554805];

const curve = (alg: Eltwise, alpha = 0, beta = 0): Curve => ({ alg, alpha, beta });
const times = (factor: number, plus = 0) => curve("linear", factor, plus);

/** The step of an element-wise node; undefined for any other node, and for one that oneDNN cannot compute in a step. */
export function stepOf(node: Node, uses: Uses): Step | undefined {
  const [left, right] = node.inputs;
  if (!left || (node.outputs[0].dtype !== "float32" && node.outputs[0].dtype !== "bool")) return undefined;
  const curves = curvesOf(node, uses);
  if (curves) return { kind: "curves", of: left, curves };
  const alg = Object.hasOwn(binaryOf, node.op) ? binaryOf[node.op] : undefined;
  if (alg === undefined || !right || node.inputs.length !== 2) return undefined;
  return withNumber(alg, left, right, uses) ?? { kind: "pair", alg, left, right };
}

function curvesOf(node: Node, uses: Uses): readonly Curve[] | undefined {
  const plain = plainCurves[node.op];
  if (plain) return plain;
  if (isOp(node, "Elu")) return [curve("elu", node.attrs.alpha)];
  if (isOp(node, "LeakyRelu")) return [curve("relu", node.attrs.alpha)];
  if (isOp(node, "HardSigmoid")) return [times(node.attrs.alpha, node.attrs.beta), curve("clip", 0, 1)];
  if (isOp(node, "Cast") && node.outputs[0].dtype === "float32") return [];
  if (isOp(node, "Clip")) {
    const [low, high] = [1, 2].map((i) => (node.inputs[i] ? storedNumber(uses, node.inputs[i]) : null));
    if (low === undefined || high === undefined) return undefined;
    return [curve("clip", low ?? -LARGEST, high ?? LARGEST)];
  }
  if (isOp(node, "Pow")) {
    const exponent = storedNumber(uses, node.inputs[1]);
    return exponent === undefined ? undefined : [curve("pow", 1, exponent)];
  }
  return undefined;
}

const plainCurves: Readonly<Record<string, readonly Curve[]>> = {
  Abs: [curve("abs")],
  Exp: [curve("exp")],
  HardSwish: [curve("hardswish", 1 / 6, 1 / 2)],
  Log: [curve("log")],
  Neg: [times(-1)],
  Relu: [curve("relu")],
  Selu: [curve("elu", SELU_ALPHA), times(SELU_GAMMA)],
  Sigmoid: [curve("logistic")],
  Softplus: [curve("softRelu", 1)],
  Sqrt: [curve("sqrt")],
  Tanh: [curve("tanh")],
};

/** A pair, one of which is a stored number, as a function of the other. */
function withNumber(alg: Binary, left: Value, right: Value, uses: Uses): Step | undefined {
  const [first, second] = [left, right].map((value) => storedNumber(uses, value));
  if (second !== undefined && right.shape.length <= left.shape.length) {
    const found = afterNumber(alg, second);
    return found && { kind: "curves", of: left, curves: [found] };
  }
  if (first !== undefined && left.shape.length <= right.shape.length) {
    const found = beforeNumber(alg, first);
    return found && { kind: "curves", of: right, curves: [found] };
  }
  return undefined;
}

/** x ∘ number. */
function afterNumber(alg: Binary, number: number): Curve | undefined {
  switch (alg) {
    case "add":
      return times(1, number);
    case "sub":
      return times(1, -number);
    case "mul":
      return times(number);
    case "max":
      return curve("clip", number, LARGEST);
    case "min":
      return curve("clip", -LARGEST, number);
    default:
      return undefined;
  }
}

/** number ∘ x. */
function beforeNumber(alg: Binary, number: number): Curve | undefined {
  if (alg === "sub") return times(-1, number);
  if (alg === "div") return curve("pow", number, -1);
  return afterNumber(alg, number);
}
