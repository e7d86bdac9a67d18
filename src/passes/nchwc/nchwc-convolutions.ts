import { type Graph, knownShape, type Node } from "../../ir/graph.ts";
import { isOp } from "../../ops/predicates.ts";
import { rebuild } from "../graph/rebuild.ts";
import { removeDeadNodes } from "../graph/remove-dead-nodes.ts";
import { nchwcComputed } from "./nchwc-weights.ts";

/**
 * Replaces convolutions whose weights change at every run by ONNX Runtime's NCHWc ones, with weights put into blocks in the
 * graph. The engine does so itself for constant weights only; for others its plain convolution is up to twice as slow.
 *
 * @param block channels in a block on this processor: 16 with AVX-512, else 8 (`probeBlock`)
 */
export function nchwcConvolutions(graph: Graph, block: number): Graph {
  const nchwc = rebuild(graph, {
    node(b, node, inputs) {
      const [x, w] = inputs;
      if (!x || !w || !fits(node, block)) return undefined;
      const nchwc = b.op("NchwcConv", [b.op("ReorderInput", [x]), nchwcComputed(b, w, block)], node.attrs);
      return [b.op("ReorderOutput", [nchwc], { channels: Number(w.shape[0]) })];
    },
  });
  return removeDeadNodes(nchwc);
}

/** One group, no bias, whole blocks of channels on both sides, weights that are not constant. */
function fits(node: Node, block: number): boolean {
  const [, w, bias] = node.inputs;
  if (!isOp(node, "Conv") || !w || bias || w.role === "constant" || node.attrs.group !== 1) return false;
  const [out, channels, height, width] = knownShape(w);
  return out % block === 0 && channels % block === 0 && height * width > 1;
}
