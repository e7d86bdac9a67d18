import type { Graph, Value } from "../../ir/graph.ts";

/**
 * The graph without nodes from which no output is computed. Inputs stay, read or not.
 *
 * @example removeDeadNodes(graph).nodes.length
 */
export function removeDeadNodes(graph: Graph): Graph {
  const needed = new Set<Value | null>(graph.outputs.map((output) => output.value));
  const nodes = graph.nodes.toReversed().filter((node) => {
    if (!node.outputs.some((output) => needed.has(output))) return false;
    for (const input of node.inputs) needed.add(input);
    return true;
  });
  return { ...graph, nodes: nodes.reverse() };
}
