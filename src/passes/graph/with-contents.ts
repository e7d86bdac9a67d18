import { type Graph, Value } from "../../ir/graph.ts";
import type { Tensor } from "../../ir/tensor.ts";
import { rebuild } from "./rebuild.ts";

/** The graph with other contents of some of its stored values, which keep their names and roles. */
export function withContents(graph: Graph, contents: ReadonlyMap<Value, Tensor>): Graph {
  return rebuild(graph, { leaf: (value) => withContent(value, contents.get(value)) });
}

/** A stored value with another content, if there is one. */
export function withContent(value: Value, tensor: Tensor | undefined): Value {
  if (!tensor) return value;
  return new Value(value.role, value.dtype, value.shape, { name: value.name, tensor });
}
