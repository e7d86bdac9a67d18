import { type Graph, knownShape } from "../../ir/graph.ts";
import { isOp } from "../../ops/predicates.ts";
import { rebuild } from "../graph/rebuild.ts";
import { convolved, outweighsMaps } from "../lower/conv-as-mat-mul.ts";

/**
 * Writes convolutions with more weights than pixels as matrix products: ONNX Runtime reads the weights again for each image, which
 * takes most of the time where maps are small. Shapes must be known.
 *
 * @example convToMatMul(lower(step)) // the last stage of a ResNet-50 at 64×64
 */
export function convToMatMul(graph: Graph): Graph {
  return rebuild(graph, {
    node(b, node, inputs) {
      if (!isOp(node, "Conv")) return undefined;
      const present = inputs.filter((input) => input !== null);
      const [x, w, y] = [present[0], present[1], node.outputs[0]].map((value) => knownShape(value));
      const sizes = { x, w, y };
      return outweighsMaps(sizes, node.attrs) ? [convolved(b, present, sizes, node.attrs)] : undefined;
    },
  });
}
