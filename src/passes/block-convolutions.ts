import type { GraphBuilder } from "../ir/builder.ts";
import type { Graph, Node, Value } from "../ir/graph.ts";
import { turnedSource } from "./lower/turned-weight.ts";
import { rebuild } from "./rebuild.ts";
import { removeDeadNodes } from "./remove-dead-nodes.ts";

/**
 * Replaces convolutions whose weights change at every run by ONNX Runtime's blocked ones, with weights put into blocks in the
 * graph. The engine does so itself for constant weights only; for others its plain convolution is up to twice as slow.
 *
 * @param block channels in a block on this processor: 16 with AVX-512, else 8 (`probeBlock`)
 */
export function blockConvolutions(graph: Graph, block: number): Graph {
  const blocked = rebuild(graph, {
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
  return removeDeadNodes(blocked);
}

/** One group, no bias, whole blocks of channels on both sides, weights that are not constant. */
function fits({ op, inputs: [, w, bias], attrs }: Node, block: number): boolean {
  if (op !== "Conv" || !w || bias || w.role === "constant" || attrs.group !== 1) return false;
  const [out, channels, height, width] = w.shape as number[];
  return out % block === 0 && channels % block === 0 && height * width > 1;
}

/**
 * [O,I,kH,kW] → [O/block][I/block][kH][kW][block of I][block of O], its stated shape unchanged. The engine's own reordering
 * of maps makes the blocks of one side; a transpose that moves whole blocks does the rest, four times as fast as one for all.
 */
function blockedWeight(b: GraphBuilder, w: Value, block: number): Value {
  const source = turnedSource(w);
  return source ? blockedTurned(b, source, block) : blockedStraight(b, w, block);
}

function blockedStraight(b: GraphBuilder, w: Value, block: number): Value {
  const [out, channels, height, width] = w.shape as number[];
  // Filters count as the channels of one image, whose pixels are all their numbers.
  const filters = b.op("Reshape", [w, b.constant([1, out, channels * height * width, 1])]);
  const split = b.constant([out / block, channels / block, block, height * width, block]);
  const blocks = b.op("Reshape", [b.op("ReorderInput", [filters]), split]);
  const moved = b.op("Transpose", [blocks], { perm: [0, 1, 3, 2, 4] });
  return b.op("Reshape", [moved, b.constant([out, channels, height, width])]);
}

/** Of [O,I,kH,kW] the blocks of the weight with its sides exchanged and its kernel turned by 180°: [I/block][O/block][kH][kW][block of O][block of I]. */
function blockedTurned(b: GraphBuilder, w: Value, block: number): Value {
  const [out, channels, height, width] = w.shape as number[];
  const taps = height * width;
  const filters = b.op("Reshape", [w, b.constant([out, channels, taps, 1])]);
  const split = b.constant([out * (channels / block), taps, block]);
  const blocks = b.op("Reshape", [b.op("ReorderInput", [filters]), split]);
  const last = Array.from({ length: taps }, (_, tap) => taps - 1 - tap);
  const turned = b.op("Gather", [blocks, b.constant(last)], { axis: 1 });
  const sides = b.op("Reshape", [turned, b.constant([out / block, block, channels / block, taps, block])]);
  const moved = b.op("Transpose", [sides], { perm: [2, 0, 3, 1, 4] });
  return b.op("Reshape", [moved, b.constant([channels, out, height, width])]);
}
