import type { Graph } from "../ir/graph.ts";
import { type ConvSizes, convolved, matrixForm } from "./lower/conv-by-matrix.ts";
import { rebuild } from "./rebuild.ts";

/**
 * Writes convolutions as products of matrices where ONNX Runtime's are slow: fully connected layers on vectors, and maps of so few
 * pixels that going through the weights for each image takes most of the time. Shapes must be known.
 *
 * @example multiplyConvolutions(lower(step)) // the last stage of a ResNet-50 at 64×64, and all layers of its SE blocks
 */
export function multiplyConvolutions(graph: Graph): Graph {
  return rebuild(graph, {
    node(b, node, inputs) {
      const present = inputs.filter((input) => input !== null);
      if (node.op !== "Conv") return b.ops(node.op, inputs, node.attrs);
      const [x, w] = present;
      const sizes = { x: x.shape, w: w.shape, y: node.outputs[0].shape } as ConvSizes;
      if (!matrixForm(sizes, node.attrs)) return b.ops(node.op, inputs, node.attrs);
      return [convolved(b, present, sizes, node.attrs)];
    },
  });
}
