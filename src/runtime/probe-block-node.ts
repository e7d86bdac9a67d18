import { randomFeeds } from "../analysis/random-feeds.ts";
import type { Graph } from "../ir/graph.ts";
import { symmetric } from "../ops/conv-shape.ts";
import { newGraph } from "../ops/new-graph.ts";
import { fuseSums } from "../passes/nchwc/fuse-sums.ts";
import { nchwcConvolutions } from "../passes/nchwc/nchwc-convolutions.ts";
import { nchwcSums } from "../passes/nchwc/nchwc-sums.ts";
import { executeGraph } from "./execute-graph-node.ts";
import type { Tensors } from "./session.ts";

/** Channels in a block: AVX-512, then AVX2 and NEON. */
const CANDIDATES = [16, 8];

let found: Promise<number | undefined> | undefined;

/**
 * Channels in a block of ONNX Runtime's NCHWc operators on this machine, or nothing where this build of the engine does
 * not have them or they do not compute what plain ones do. These operators are internal to the engine, so this is found
 * by running one, once a process.
 *
 * @example await probeBlock() // 16 with AVX-512, 8 with AVX2 or NEON
 */
export function probeBlock(): Promise<number | undefined> {
  found ??= probe();
  return found;
}

async function probe(): Promise<number | undefined> {
  const graph = sample();
  const feeds = randomFeeds(graph, { seed: 1 });
  const expected = await run(graph, feeds);
  for (const block of CANDIDATES) {
    const nchwc = nchwcConvolutions(fuseSums(nchwcSums(graph, block), block), block);
    const result = await run(nchwc, feeds).catch(() => undefined);
    if (result?.every((value, i) => Math.abs(value - expected[i]) < 1e-3)) return block;
  }
  return undefined;
}

/**
 * A convolution of 32 channels, two blocks of the largest kind, the sums of its pixels and of their squares, and a sum of two maps,
 * large enough to be fused.
 */
function sample(): Graph {
  const b = newGraph("probe");
  const x = b.input("x", "float32", [1, 32, 32, 32]);
  const w = b.input("w", "float32", [32, 32, 3, 3]);
  const y = b.op("Conv", [x, w], { kernel_shape: [3, 3], pads: symmetric(1) });
  b.output("y", y);
  b.output("sums", b.op("ReduceSum", [y, b.constant([2, 3])]));
  b.output("squares", b.op("ReduceSum", [b.op("Mul", [x, x]), b.constant([0, 2, 3])]));
  b.output("rectified", b.op("Relu", [b.op("Add", [b.op("Tanh", [x]), x])]));
  return b.build();
}

/** The elements of all outputs, in order. */
async function run(graph: Graph, feeds: Tensors): Promise<number[]> {
  const outputs = await executeGraph(graph, feeds, { threads: 1 });
  return graph.outputs.flatMap(({ name }) => Array.from(outputs[name].data, Number));
}
