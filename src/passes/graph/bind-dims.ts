import { type Graph, Value } from "../../ir/graph.ts";
import { rebuild } from "./rebuild.ts";

/**
 * The graph with numbers for the symbolic dimensions of its inputs; all shapes are inferred again.
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

/**
 * The graph with a symbolic batch, the first dimension of inputs, made 1.
 *
 * @example withBatchOfOne(createModel("resnet20")).inputs[0].shape // [1, 3, 32, 32]
 */
export function withBatchOfOne(graph: Graph): Graph {
  const symbols = graph.inputs.map(({ shape }) => shape[0]).filter((dim) => typeof dim === "string");
  return bindDims(graph, Object.fromEntries(symbols.map((symbol) => [symbol, 1])));
}
