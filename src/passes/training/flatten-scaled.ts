import type { GraphBuilder } from "../../ir/builder.ts";
import { type Graph, knownShape, type Value } from "../../ir/graph.ts";
import { sizeOf } from "../../ir/shape.ts";
import { isPairwise } from "../../ops/predicates.ts";
import { rebuild } from "../graph/rebuild.ts";

/**
 * Reshapes tensors whose last dimension is 1 to vectors where element-wise operators combine them with a scalar, such as
 * the weight of a 1×1 convolution with the learning rate. ONNX Runtime (1.30) pairs such trailing dimensions with the number's and
 * then works on one element at a time: 4 ns each instead of 0.2. Shapes must be known.
 */
export function flattenScaled(graph: Graph): Graph {
  return rebuild(graph, {
    node(b, node, inputs) {
      const [x, y] = inputs;
      const shape = knownShape(node.outputs[0]);
      const wasteful = isPairwise(node) && shape.at(-1) === 1 && sizeOf(shape) > 1;
      if (!wasteful || !x || !y || isNumber(x) === isNumber(y)) return undefined;
      const result = b.op(node.op, [flat(b, x), flat(b, y)]);
      return [b.op("Reshape", [result, b.constant(shape)])];
    },
  });
}

function isNumber(value: Value): boolean {
  return sizeOf(knownShape(value)) === 1;
}

/** A vector of all elements; a scalar of one. */
function flat(b: GraphBuilder, value: Value): Value {
  if (isNumber(value)) return value.shape.length === 0 ? value : b.op("Reshape", [value, b.constant([])]);
  return b.op("Reshape", [value, b.constant([sizeOf(knownShape(value))])]);
}
