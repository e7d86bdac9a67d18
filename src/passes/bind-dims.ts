import { type Graph, Value } from "../ir/graph.ts";
import { rebuild } from "./rebuild.ts";

/**
 * The graph with symbolic dimensions of its inputs given numbers; all shapes are inferred again.
 *
 * @example bindDims(createModel("resnet20"), { N: 128 })
 */
export function bindDims(graph: Graph, dims: Readonly<Record<string, number>>): Graph {
  return rebuild(graph, {
    leaf(value) {
      if (value.role !== "input") return value;
      const shape = value.shape.map((dim) => (typeof dim === "string" ? (dims[dim] ?? dim) : dim));
      return new Value(value.role, value.dtype, shape, value);
    },
  });
}
