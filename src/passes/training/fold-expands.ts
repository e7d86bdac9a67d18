import type { Graph, Value } from "../../ir/graph.ts";
import { broadcastShapes, formatShape } from "../../ir/shape.ts";
import { isPairwise } from "../../ops/predicates.ts";
import { rebuild } from "../graph/rebuild.ts";
import { removeDeadNodes } from "../graph/remove-dead-nodes.ts";

/** Lets element-wise operators broadcast where they read an Expand, so that the repeated copy is never made. */
export function foldExpands(graph: Graph): Graph {
  const folded = rebuild(graph, {
    node(b, node, inputs) {
      const [x, y] = inputs;
      if (!isPairwise(node) || !x || !y) return undefined;
      const wanted = formatShape(node.outputs[0].shape);
      const fits = (left: Value, right: Value) =>
        formatShape(broadcastShapes(left.shape, right.shape, node.op)) === wanted;
      const left = fits(unexpanded(x), y) ? unexpanded(x) : x;
      const right = fits(left, unexpanded(y)) ? unexpanded(y) : y;
      return b.ops(node.op, [left, right], node.attrs);
    },
  });
  return removeDeadNodes(folded);
}

function unexpanded(value: Value): Value {
  const { producer } = value;
  return (producer?.op === "Expand" && producer.inputs[0]) || value;
}
