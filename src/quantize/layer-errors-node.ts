import type { Graph, Node, Value } from "../ir/graph.ts";
import type { Tensor } from "../ir/tensor.ts";
import type { QuantizedGraph } from "../passes/quantization/insert-quantization.ts";
import { layersOf, nameOf } from "./keep-float.ts";
import { openObserver } from "./observe-node.ts";
import type { LayerReport } from "./quantize-options.ts";

/**
 * How well a quantized network keeps the output of each layer (after its ReLU, where that is part of the layer), on batches of
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
  const outputs = layers.map((layer) => visibleOutput(graph, layer));
  const quantizedOutputs = outputs.map((value) => counterparts.get(value) ?? value);
  const sums = layers.map(() => ({ signal: 0, noise: 0 }));
  await using before = await openObserver(graph, outputs, threads);
  await using after = await openObserver(quantized, quantizedOutputs, threads);
  for (const batch of batches) {
    const [expected, found] = [await before.see(batch), await after.see(batch)];
    for (const [i, sum] of sums.entries()) addError(sum, expected[i], found[i]);
  }
  return layers.map((layer, i) => ({
    name: nameOf(layer),
    op: layer.op,
    isInteger: integer.has(layer),
    signalToNoise: 10 * Math.log10(sums[i].signal / sums[i].noise),
  }));
}

/** A layer's output, or that of the ReLU after it where only that is stored. */
function visibleOutput(graph: Graph, { outputs: [output] }: Node): Value {
  const clamp = graph.nodes.find(
    ({ op, inputs }) => (op === "Relu" || op === "Clip") && inputs[0] === output,
  );
  return clamp?.outputs[0] ?? output;
}

function addError(sums: { signal: number; noise: number }, expected: Tensor, found: Tensor): void {
  const [signal, noisy] = [expected.data as Float32Array, found.data as Float32Array];
  for (let i = 0; i < signal.length; i++) {
    sums.signal += signal[i] ** 2;
    sums.noise += (signal[i] - noisy[i]) ** 2;
  }
}
