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
import { FEW_AT_ONCE, imagesAtOnce, runImages } from "../src/runtime/run-images.ts";
import { type Peer, type Start, timed } from "./peer.ts";

/** What all forms of a network are fed. */
export function imagesFor(graph: Graph): Tensor {
  return Object.values(randomFeeds(graph))[0];
}

/**
 * The network's twin without SE blocks, and the forms that we give a network, for a number of images. The plain one comes first: others
 * are compared with it. Many images are run as `senet eval` runs them, or `atOnce` at a time.
 */
export function ourForms(
  model: string,
  threads: number,
  atOnce?: number,
): (batch: number) => Promise<Start[]> {
  let integers: Promise<Graph> | undefined; // takes seconds, and is the same for any batch
  return async (count) => {
    const images = imagesFor(createModel(model, { batch: count }));
    const batch = count === 1 ? 1 : atOnce;
    const twin = model.replace(/^(legacy_)?se/, "$1");
    const plain = createModel(twin, { batch: batch ?? "N" });
    const se = createModel(model, { batch: batch ?? "N" });
    const block = await probeBlock();
    // Large ones as `forManyImages` makes them.
    const own = batch ?? (imagesAtOnce(images.shape.slice(1)) <= FEW_AT_ONCE ? 1 : "N");
    const forms: [name: string, make: () => Graph | Promise<Graph>][] = [
      ["plain", () => plain],
      ["SE", () => se],
      ["SE, optimized", () => optimize(se).graph],
      [
        "SE, int8",
        async () => {
          integers ??= inIntegers(model);
          return batch === undefined ? integers : bindDims(await integers, { N: batch });
        },
      ],
    ];
    if (block !== undefined) {
      forms.push([
        "SE, optimized for this machine",
        () => optimize(createModel(model, { batch: own }), { block }).graph,
      ]);
      forms.push([
        "plain, optimized for this machine",
        () => optimize(createModel(twin, { batch: own }), { block }).graph,
      ]);
    }
    return forms.map(([name, make]) => [
      name,
      async () => enginePeer(name, writeOnnx(await make()), images, threads),
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
  const [count, ...shape] = images.shape;
  const data = images.data as Float32Array;
  return {
    name,
    batch: count,
    run: (times) => timed(times, () => runImages(session, data, shape)),
    stop: () => session.dispose(),
  };
}

/** The logits of the images. */
export async function logitsOf(graph: Graph, images: Tensor): Promise<Float32Array> {
  const [logits] = Object.values(await executeGraph(graph, { [graph.inputs[0].name ?? ""]: images }));
  return logits.data as Float32Array;
}
