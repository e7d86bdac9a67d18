import type { Graph, Node } from "../ir/graph.ts";
import type { Tensor } from "../ir/tensor.ts";
import { layersOf } from "./keep-float.ts";
import { openObserver } from "./observe-node.ts";
import type { AccuracyGoal, QuantizeOptions } from "./quantize-options.ts";

/** Result of the search: the layers that stay float, and the accuracies of the float network and of the one found. */
export interface FloatLayers {
  readonly layers: ReadonlySet<Node>;
  readonly accuracy: { readonly float: number; readonly quantized: number };
}

/**
 * The few layers to leave float so that accuracy stays within a goal. Layers are tried in the order of how much the network's
 * output gains when that layer alone is float: the first, the first two, four, …; then the smallest number between the last two.
 *
 * @param kept nodes that stay float anyway
 * @param build the quantized network with these nodes float
 * @param batches images on which the gain is seen
 */
export async function chooseFloatLayers(
  graph: Graph,
  kept: ReadonlySet<Node>,
  build: (keepFloat: ReadonlySet<Node>) => Graph,
  batches: readonly Tensor[],
  { maxDrop, score }: AccuracyGoal,
  { threads, onProgress }: Pick<QuantizeOptions, "threads" | "onProgress"> = {},
): Promise<FloatLayers> {
  const float = await score(graph);
  const all = await score(build(kept));
  if (float - all <= maxDrop) return { layers: kept, accuracy: { float, quantized: all } };

  const layers = layersOf(graph).filter((layer) => !kept.has(layer));
  const expected = await outputsOf(graph, batches, threads);
  const losses = new Map<Node, number>();
  for (const [done, layer] of layers.entries()) {
    onProgress?.({ what: "trying layers in float", done, total: layers.length });
    const found = await outputsOf(build(new Set([...kept, layer])), batches, threads);
    losses.set(layer, squaredDistance(expected, found));
  }
  const order = layers.toSorted((a, b) => (losses.get(a) ?? 0) - (losses.get(b) ?? 0));

  const first = (count: number) => new Set([...kept, ...order.slice(0, count)]);
  const scores = new Map<number, number>();
  const fits = async (count: number) => {
    onProgress?.({ what: "leaving layers in float", done: count, total: order.length });
    const found = await score(build(first(count)));
    scores.set(count, found);
    return float - found <= maxDrop;
  };
  let [tooFew, enough] = [0, 1];
  while (enough < order.length && !(await fits(enough))) {
    [tooFew, enough] = [enough, Math.min(2 * enough, order.length)];
  }
  while (enough - tooFew > 1) {
    const middle = Math.floor((tooFew + enough) / 2);
    if (await fits(middle)) enough = middle;
    else tooFew = middle;
  }
  const quantized = scores.get(enough) ?? (await score(build(first(enough))));
  return { layers: first(enough), accuracy: { float, quantized } };
}

async function outputsOf(
  graph: Graph,
  batches: readonly Tensor[],
  threads: number | undefined,
): Promise<Float32Array[]> {
  const [{ value }] = graph.outputs;
  await using observer = await openObserver(graph, [value], threads);
  const outputs: Float32Array[] = [];
  for (const batch of batches) outputs.push((await observer.see(batch))[0].data as Float32Array);
  return outputs;
}

function squaredDistance(expected: readonly Float32Array[], found: readonly Float32Array[]): number {
  let sum = 0;
  for (const [batch, numbers] of expected.entries()) {
    for (const [i, number] of numbers.entries()) sum += (number - found[batch][i]) ** 2;
  }
  return sum;
}
