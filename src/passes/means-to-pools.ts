import type { Graph, Node } from "../ir/graph.ts";
import { rebuild } from "./rebuild.ts";

/**
 * The graph with the mean over height and width of a map [N,C,H,W] written as `GlobalAveragePool`, which engines know in more
 * forms. Exporters write `ReduceMean` for `x.mean((2, 3))`, as timm's SE blocks have it.
 */
export function meansToPools(graph: Graph): Graph {
  return rebuild(graph, {
    node(b, node, inputs) {
      if (!isMapMean(node)) return b.ops(node.op, inputs, node.attrs);
      const pooled = b.op("GlobalAveragePool", [inputs[0]]);
      return [node.attrs.keepdims === 0 ? b.op("Flatten", [pooled]) : pooled];
    },
  });
}

function isMapMean({ op, inputs: [map, axes] }: Node): boolean {
  if (op !== "ReduceMean" || map?.shape.length !== 4 || !axes?.tensor) return false;
  const reduced = Array.from(axes.tensor.data, Number).map((axis) => (axis + 4) % 4);
  return reduced.sort().join() === "2,3";
}
