import { type Graph, Value } from "../../src/ir/graph.ts";
import { tensor } from "../../src/ir/tensor.ts";
import { rebuild } from "../../src/passes/graph/rebuild.ts";

/** A network with all its float32 inputs and stored numbers as float64, as a scientific program may export one. */
export function inFloat64(graph: Graph): Graph {
  return rebuild(graph, {
    leaf(value) {
      if (value.dtype !== "float32") return value;
      const content =
        value.tensor && tensor(value.tensor.shape, Array.from(value.tensor.data, Number), "float64");
      return new Value(value.role, "float64", value.shape, { name: value.name, tensor: content });
    },
  });
}
