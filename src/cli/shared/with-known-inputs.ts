import { SenetError, usageError } from "../../base/errors.ts";
import type { Graph } from "../../ir/graph.ts";
import { formatShape } from "../../ir/shape.ts";
import { withBatchOfOne } from "../../passes/graph/bind-dims.ts";

/**
 * The graph with all dimensions of its inputs known: a symbolic batch is 1.
 *
 * @param model as the user gave it
 * @throws SenetError `file` for a graph without images, `usage` for images of any size
 */
export function withKnownInputs(model: string, graph: Graph): Graph {
  const fixed = withBatchOfOne(graph);
  if (fixed.inputs.length === 0 || fixed.inputs.some(({ shape }) => shape.length === 0)) {
    throw new SenetError(
      "file",
      `${model}: expected a network with an input of images, found none; give an image classifier.`,
    );
  }
  for (const { name, shape } of fixed.inputs) {
    if (shape.every((dim) => typeof dim === "number")) continue;
    throw usageError(
      `${model}: expected a known size of input ${name}, found ${formatShape(shape)}; give --size.`,
    );
  }
  return fixed;
}
