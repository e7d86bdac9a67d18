import type { GraphBuilder } from "../ir/builder.ts";
import { dtypes } from "../ir/dtype.ts";
import type { Graph, Node, Value } from "../ir/graph.ts";
import { elementCount } from "../ir/shape.ts";
import { firstNonFinite } from "../ir/tensor.ts";
import { normalize } from "../ops/normalization-grad.ts";
import { isOp } from "../ops/predicates.ts";
import { rebuild } from "../passes/graph/rebuild.ts";
import { removeDeadNodes } from "../passes/graph/remove-dead-nodes.ts";
import { noForm } from "./plan/no-form.ts";

/** Writes operators for which oneDNN has no primitive in those for which it has. */
export function rewrite(graph: Graph): Graph {
  const rewritten = rebuild(graph, {
    node(b, node, inputs) {
      const present = inputs.filter((input) => input !== null);
      return inPairs(b, node, present) ?? inOthers(b, node, present);
    },
  });
  return removeDeadNodes(rewritten);
}

const pairOf: Readonly<Record<string, string>> = { Max: "Max", Mean: "Add", Min: "Min", Sum: "Add" };

/** Element-wise operators of inputs that broadcast, two by two. */
function inPairs(b: GraphBuilder, { op, outputs }: Node, inputs: readonly Value[]): Value[] | undefined {
  if (!Object.hasOwn(pairOf, op) || inputs.length < 2) return undefined;
  if (op !== "Mean" && inputs.length === 2) return undefined;
  if (inputs.every(({ shape }) => String(shape) === String(outputs[0].shape))) return undefined;
  const folded = inputs.reduce((left, right) => b.op(pairOf[op], [left, right]));
  return [op === "Mean" ? b.op("Mul", [folded, b.constant(1 / inputs.length)]) : folded];
}

function inOthers(b: GraphBuilder, node: Node, inputs: readonly Value[]): Value[] | undefined {
  if (isOp(node, "Where")) {
    const [condition, x, y] = inputs;
    if ([x, y].some(({ tensor }) => tensor && firstNonFinite(tensor) !== undefined)) {
      throw noForm(node, "a product does not choose infinite numbers");
    }
    const chosen = b.op("Cast", [condition], { to: dtypes.float32.onnx });
    const others = b.op("Sub", [b.constant(1), chosen]);
    return [b.op("Add", [b.op("Mul", [chosen, x]), b.op("Mul", [others, y])])];
  }
  if (isOp(node, "Erf")) return [errorFunction(b, inputs[0])];
  if (isOp(node, "ReduceSumSquare") && elementCount(node.outputs[0].shape) !== 1) {
    const [x, ...axes] = inputs;
    return [b.op("ReduceSum", [b.op("Mul", [x, x]), ...axes], node.attrs)];
  }
  if (isOp(node, "PRelu")) {
    const [x, slope] = inputs;
    const above = b.op("Relu", [x]);
    return [b.op("Add", [above, b.op("Mul", [b.op("Sub", [x, above]), slope])])];
  }
  if (isOp(node, "LayerNormalization") && node.outputs.length === 1) {
    const [x, scale, bias] = inputs;
    const rank = x.shape.length;
    const axes = x.shape
      .map((_, axis) => axis)
      .slice(node.attrs.axis < 0 ? rank + node.attrs.axis : node.attrs.axis);
    const scaled = b.op("Mul", [normalize(b, x, axes, node.attrs.epsilon).normal, scale]);
    return [bias ? b.op("Add", [scaled, bias]) : scaled];
  }
  if (isOp(node, "InstanceNormalization")) {
    const [x, scale, bias] = inputs;
    const axes = x.shape.map((_, axis) => axis).slice(2);
    const [factor, shift] = [scale, bias].map((vector) =>
      b.op("Reshape", [vector, b.constant([-1, ...axes.map(() => 1)])]),
    );
    return [b.op("Add", [b.op("Mul", [normalize(b, x, axes, node.attrs.epsilon).normal, factor]), shift])];
  }
  return undefined;
}

/** So steep a slope that every number but 0 counts as 1 or −1. */
const STEEP = 1e30;

/** erf to 1.5e-7: Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26. */
function errorFunction(b: GraphBuilder, x: Value): Value {
  const scaled = b.op("Mul", [b.op("Abs", [x]), b.constant(0.3275911)]);
  const t = b.op("Div", [b.constant(1), b.op("Add", [scaled, b.constant(1)])]);
  let polynomial = b.op("Mul", [t, b.constant(1.061405429)]);
  for (const coefficient of [-1.453152027, 1.421413741, -0.284496736, 0.254829592]) {
    polynomial = b.op("Mul", [b.op("Add", [polynomial, b.constant(coefficient)]), t]);
  }
  const tail = b.op("Mul", [polynomial, b.op("Exp", [b.op("Neg", [b.op("Mul", [x, x])])])]);
  const sign = b.op("Clip", [b.op("Mul", [x, b.constant(STEEP)]), b.constant(-1), b.constant(1)]);
  return b.op("Mul", [b.op("Sub", [b.constant(1), tail]), sign]);
}
