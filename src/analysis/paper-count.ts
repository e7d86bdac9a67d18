import type { Graph, Node } from "../ir/graph.ts";
import { isLayer } from "../ops/predicates.ts";
import type { SEBlock } from "../passes/se/match-se.ts";
import { elementsOf, type NodeCost } from "./node-cost.ts";

/**
 * What the paper (arXiv 1709.01507, Tables 2, 3, 10, 13, 15, 16) prints as FLOPs, which are multiply-accumulates and a little more:
 * the MACs of convolutions and fully connected layers, one for each element of a residual sum, and one for each element that an SE
 * block's squeeze reads. Derived by matching its printed totals.
 *
 * @param graph all of whose dimensions are known
 * @param blocks its SE blocks
 * @param costs its nodes' costs, in its order
 */
export function paperFlops(graph: Graph, blocks: readonly SEBlock[], costs: readonly NodeCost[]): number {
  const pooled = new Map(
    blocks.flatMap(({ nodes, scale, input }) =>
      nodes
        // The MACs of what reads a map by its weights are counted already.
        .filter((node) => node !== scale && !isLayer(node) && node.inputs.includes(input))
        .map((node) => [node, elementsOf(input, node.op)]),
    ),
  );
  return graph.nodes.reduce(
    (total, node, i) => total + costs[i].macs + (pooled.get(node) ?? 0) + residualSum(node),
    0,
  );
}

/** Additions of a sum of computed maps of one shape; 0 for every other node. */
function residualSum({ op, inputs, outputs: [sum] }: Node): number {
  if (op !== "Add" && op !== "Sum") return 0;
  const isMap = sum.shape.length === 4;
  const same = inputs.every((input) => input?.role === "computed" && input.shape.join() === sum.shape.join());
  return isMap && same ? (inputs.length - 1) * elementsOf(sum, op) : 0;
}
