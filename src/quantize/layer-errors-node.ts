import type { Graph, Node, Value } from "../ir/graph.ts";
import type { Tensor } from "../ir/tensor.ts";
import type { QuantizedGraph } from "../passes/quantization/insert-quantization.ts";
import { layersOf, nameOf } from "./keep-float.ts";
import { openObserver } from "./observe-node.ts";
import type { LayerReport } from "./quantize-options.ts";

/**
 * How well a quantized network keeps the output of each layer (behind its ReLU, where that is part of the layer), on batches of
 * images.
 */
export async function layerErrors(
  graph: Graph,
  { graph: quantized, counterparts }: QuantizedGraph,
  integer: ReadonlyMap<Node, unknown>,
  batches: readonly Tensor[],
  threads?: number | undefined,
): Promise<LayerReport[]> {
  const layers = layersOf(graph);
  const pairs = layers.map((layer) => visibleOutput(graph, layer, counterparts));
  const sums = layers.map(() => ({ signal: 0, noise: 0 }));
  await using before = await openObserver(
    graph,
    pairs.map(([value]) => value),
    threads,
  );
  await using after = await openObserver(
    quantized,
    pairs.map(([, value]) => value),
    threads,
  );
  for (const batch of batches) {
    const [expected, found] = [await before.see(batch), await after.see(batch)];
    for (const [i, sum] of sums.entries()) addError(sum, expected[i], found[i]);
  }
  return layers.map((layer, i) => ({
    name: nameOf(layer),
    op: layer.op,
    isInteger: integer.has(layer),
    signalToNoise: decibels(sums[i]),
  }));
}

/** A layer's output, or that of the ReLU behind it when only this is stored, in both networks. */
function visibleOutput(
  graph: Graph,
  layer: Node,
  counterparts: ReadonlyMap<Value, Value>,
): readonly [before: Value, after: Value] {
  const [output] = layer.outputs;
  const clamp = graph.nodes.find(
    ({ op, inputs }) => (op === "Relu" || op === "Clip") && inputs[0] === output,
  );
  const before = clamp?.outputs[0] ?? output;
  return [before, counterparts.get(before) ?? before];
}

interface Sums {
  signal: number;
  noise: number;
}

function addError(sums: Sums, expected: Tensor, found: Tensor): void {
  const [signal, noisy] = [expected.data as Float32Array, found.data as Float32Array];
  for (let i = 0; i < signal.length; i++) {
    sums.signal += signal[i] ** 2;
    sums.noise += (signal[i] - noisy[i]) ** 2;
  }
}

function decibels({ signal, noise }: Sums): number {
  return 10 * Math.log10(signal / noise);
}
