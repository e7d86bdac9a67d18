import type { GraphBuilder } from "../ir/builder.ts";
import type { Graph, Node, Value } from "../ir/graph.ts";
import { rebuild } from "./rebuild.ts";

/**
 * Replaces convolutions whose weights change at every run by ONNX Runtime's blocked ones, with weights put into blocks in the
 * graph. The engine does so itself for constant weights only; for others its plain convolution is up to twice as slow.
 *
 * @param block channels in a block on this processor: 16 with AVX-512, else 8 (`probeBlock`)
 */
export function blockConvolutions(graph: Graph, block: number): Graph {
  return rebuild(graph, {
    node(b, node, inputs) {
      const [x, w] = inputs;
      if (!x || !w || !fits(node, block)) return b.ops(node.op, inputs, node.attrs);
      const blocked = b.op(
        "BlockedConv",
        [b.op("ReorderInput", [x]), blockedWeight(b, w, block)],
        node.attrs,
      );
      return [b.op("ReorderOutput", [blocked], { channels: Number(w.shape[0]) })];
    },
  });
}

/** One group, no bias, whole blocks of channels on both sides, weights that are not constant. */
function fits({ op, inputs: [, w, bias], attrs }: Node, block: number): boolean {
  if (op !== "Conv" || !w || bias || w.role === "constant" || attrs.group !== 1) return false;
  const [out, channels, height, width] = w.shape as number[];
  return out % block === 0 && channels % block === 0 && height * width > 1;
}

/** [O,I,kH,kW] → [O/block][I/block][kH][kW][block of I][block of O], its stated shape unchanged. */
function blockedWeight(b: GraphBuilder, w: Value, block: number): Value {
  const [out, channels, height, width] = w.shape as number[];
  const split = b.constant([out / block, block, channels / block, block, height, width]);
  const blocks = b.op("Transpose", [b.op("Reshape", [w, split])], { perm: [0, 2, 4, 5, 3, 1] });
  return b.op("Reshape", [blocks, b.constant([out, channels, height, width])]);
}
