import type { GraphBuilder } from "../ir/builder.ts";
import { dtypes } from "../ir/dtype.ts";
import type { Graph, Node, Value } from "../ir/graph.ts";
import { normalize } from "../ops/normalization-grad.ts";
import { isOp } from "../ops/predicates.ts";
import { rebuild } from "../passes/graph/rebuild.ts";
import { removeDeadNodes } from "../passes/graph/remove-dead-nodes.ts";

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
    const chosen = b.op("Cast", [condition], { to: dtypes.float32.onnx });
    return [b.op("Add", [y, b.op("Mul", [chosen, b.op("Sub", [x, y])])])];
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
