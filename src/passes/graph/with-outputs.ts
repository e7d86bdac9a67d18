import type { Graph, Value } from "../../ir/graph.ts";

/** Name of the output that gives out `values[index]`. */
export function outputName(index: number): string {
  return `tap ${index}`;
}

/**
 * The graph with other outputs: the listed values, in their order, under the names of `outputName`. Nodes that none of them needs stay;
 * an engine leaves them out.
 */
export function withOutputs(graph: Graph, values: readonly Value[]): Graph {
  return { ...graph, outputs: values.map((value, index) => ({ name: outputName(index), value })) };
}
