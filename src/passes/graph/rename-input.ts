import { type Graph, Value } from "../../ir/graph.ts";
import { rebuild } from "./rebuild.ts";

/** The graph with another name for its first input. @example renameInput(readOnnx(bytes), "images") */
export function renameInput(graph: Graph, name: string): Graph {
  const [input] = graph.inputs;
  if (!input || input.name === name) return graph;
  const renamed = new Value(input.role, input.dtype, input.shape, { ...input, name });
  return rebuild(graph, { leaf: (value) => (value === input ? renamed : value) });
}
