import type { Graph } from "../../ir/graph.ts";
import { rebuild } from "../graph/rebuild.ts";
import { type ConvSizes, convolved, outweighsMaps } from "../lower/conv-as-mat-mul.ts";

/**
 * Writes convolutions with more weights than pixels as products of matrices: ONNX Runtime goes through the weights for each image, which
 * takes most of the time where maps are small. Shapes must be known.
 *
 * @example convToMatMul(lower(step)) // the last stage of a ResNet-50 at 64×64
 */
export function convToMatMul(graph: Graph): Graph {
  return rebuild(graph, {
    node(b, node, inputs) {
      const present = inputs.filter((input) => input !== null);
      if (node.op !== "Conv") return b.ops(node.op, inputs, node.attrs);
      const [x, w] = present;
      const sizes = { x: x.shape, w: w.shape, y: node.outputs[0].shape } as ConvSizes;
      if (!outweighsMaps(sizes, node.attrs)) return b.ops(node.op, inputs, node.attrs);
      return [convolved(b, present, sizes, node.attrs)];
    },
  });
}
