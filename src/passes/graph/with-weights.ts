import { SenetError } from "../../base/errors.ts";
import { type Graph, Value } from "../../ir/graph.ts";
import { formatShape } from "../../ir/shape.ts";
import type { Tensor } from "../../ir/tensor.ts";
import { rebuild } from "./rebuild.ts";

/**
 * The graph with the content of its parameters and states replaced by `weights`, by name.
 *
 * @throws SenetError `checkpoint` when one is missing or has another shape or type; names in `weights` that the graph
 * does not have are ignored
 * @example withWeights(createModel("seresnet20"), (await readSafetensorsFile("best.safetensors")).tensors)
 */
export function withWeights(graph: Graph, weights: ReadonlyMap<string, Tensor>): Graph {
  return rebuild(graph, {
    leaf(value) {
      if (value.role !== "parameter" && value.role !== "state") return value;
      const name = value.name ?? "";
      const tensor = weights.get(name);
      const fits = tensor?.dtype === value.dtype && formatShape(tensor.shape) === formatShape(value.shape);
      if (!tensor || !fits) {
        const type = tensor && tensor.dtype !== value.dtype ? ` and type ${tensor.dtype}` : "";
        const found = tensor ? `one of shape ${formatShape(tensor.shape)}${type}` : "none";
        throw new SenetError(
          "checkpoint",
          `Weights for ${graph.name}: expected a tensor "${name}" of shape ${formatShape(value.shape)}, found ${found}; take the weights of this model, classes and input size.`,
        );
      }
      return new Value(value.role, value.dtype, value.shape, { name, tensor });
    },
  });
}
