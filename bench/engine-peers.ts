import { randomFeeds } from "../src/analysis/random-feeds.ts";
import type { Graph } from "../src/ir/graph.ts";
import type { Tensor } from "../src/ir/tensor.ts";
import { createModel } from "../src/models/create-model.ts";
import { writeOnnx } from "../src/onnx/write-onnx.ts";
import { bindDims } from "../src/passes/graph/bind-dims.ts";
import { optimize } from "../src/passes/inference/optimize.ts";
import { quantize } from "../src/quantize/quantize-node.ts";
import { executeGraph } from "../src/runtime/execute-graph-node.ts";
import { createSession } from "../src/runtime/node.ts";
import { probeBlock } from "../src/runtime/probe-block-node.ts";
import { type Peer, type Start, timed } from "./peer.ts";

/** What all forms of a network are fed. */
export function imagesFor(graph: Graph): Tensor {
  return Object.values(randomFeeds(graph))[0];
}

/**
 * The network's twin without SE blocks, and the forms that we give a network, for a number of images at a time. The plain one comes
 * first: others are compared with it.
 */
export function ourForms(model: string, threads: number): (batch: number) => Promise<Start[]> {
  let integers: Promise<Graph> | undefined; // takes seconds, and is the same for any batch
  return async (batch) => {
    const plain = createModel(model.replace(/^(legacy_)?se/, "$1"), { batch });
    const se = createModel(model, { batch });
    const block = await probeBlock();
    const forms: [name: string, make: () => Graph | Promise<Graph>][] = [
      ["plain", () => plain],
      ["SE", () => se],
      ["SE, optimized", () => optimize(se).graph],
      [
        "SE, int8",
        async () => {
          integers ??= inIntegers(model);
          return bindDims(await integers, { N: batch });
        },
      ],
    ];
    if (block !== undefined) {
      forms.push(["SE, optimized for this machine", () => optimize(se, { block }).graph]);
      forms.push(["plain, optimized for this machine", () => optimize(plain, { block }).graph]);
    }
    return forms.map(([name, make]) => [
      name,
      async () => enginePeer(name, writeOnnx(await make()), imagesFor(se), threads),
    ]);
  };
}

/** The network in 8 bits. What its values become on noise is enough for speed, which does not depend on ranges. */
async function inIntegers(model: string): Promise<Graph> {
  return (await quantize(createModel(model), [imagesFor(createModel(model, { batch: 1 }))])).graph;
}

/** A model of one input in onnxruntime-node. */
export async function enginePeer(
  name: string,
  bytes: Uint8Array,
  images: Tensor,
  threads: number,
): Promise<Peer> {
  const session = await createSession(bytes, { threads });
  const feeds = { [session.inputs[0].name]: images };
  return {
    name,
    batch: images.shape[0],
    run: (count) => timed(count, () => session.run(feeds)),
    stop: () => session.dispose(),
  };
}

/** The logits of the images. */
export async function logitsOf(graph: Graph, images: Tensor): Promise<Float32Array> {
  const [logits] = Object.values(await executeGraph(graph, { [graph.inputs[0].name ?? ""]: images }));
  return logits.data as Float32Array;
}
