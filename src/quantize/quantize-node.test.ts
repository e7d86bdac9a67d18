import { describe, expect, it } from "vitest";
import { smallNet } from "../../test/support/small-net.ts";
import { normal, randomStream } from "../base/random.ts";
import { type Graph, type Node, Value } from "../ir/graph.ts";
import { type Tensor, tensor } from "../ir/tensor.ts";
import { newGraph } from "../ops/new-graph.ts";
import { rebuild } from "../passes/graph/rebuild.ts";
import { lower } from "../passes/lower/lower.ts";
import { quantize } from "./quantize-node.ts";

const random = randomStream(5);
const data = Float32Array.from({ length: 4 * 2 * 8 * 8 }, () => normal(random));
const batches: Tensor[] = [tensor([4, 2, 8, 8], data)];
const net = (): Graph => lower(smallNet({ ratio: 0 }));

describe("quantize", () => {
  it("reports every layer, and what stays float", async () => {
    const { layers, float, integerNodes } = await quantize(net(), batches);
    expect(layers.map(({ name }) => name)).toEqual(["conv", "conv2", "se.fc1", "se.fc2", "fc"]);
    for (const { isInteger, signalToNoise } of layers) {
      expect(isInteger).toBe(true);
      expect(signalToNoise).toBeGreaterThan(15);
    }
    expect(float).toContainEqual({
      name: "se",
      op: "HardSigmoid",
      why: "ONNX Runtime has no integer form of it",
    });
    expect(integerNodes).toBeGreaterThan(8);
  });

  it("keeps first, last and gate float when told to", async () => {
    const { layers } = await quantize(net(), batches, { keepFloat: ["first", "last", "gate"] });
    expect(layers.filter(({ isInteger }) => isInteger).map(({ name }) => name)).toEqual(["conv2"]);
  });

  it("leaves as few layers float as a goal takes", async () => {
    const isFloat = ({ op, inputs }: Node) => (op === "Conv" || op === "Gemm") && inputs[1]?.tensor;
    const score = async ({ nodes }: Graph) => (nodes.filter(isFloat).length >= 3 ? 0.9 : 0.5);
    const { layers, accuracy } = await quantize(net(), batches, { goal: { maxDrop: 0.1, score } });
    expect(accuracy).toEqual({ float: 0.9, quantized: 0.9 });
    expect(layers.filter(({ isInteger }) => !isInteger)).toHaveLength(3);
  });

  it("leaves nothing float when nothing is lost", async () => {
    const { layers } = await quantize(net(), batches, { goal: { maxDrop: 0, score: async () => 0.7 } });
    expect(layers.every(({ isInteger }) => isInteger)).toBe(true);
  });

  it("refuses what is quantized already", async () => {
    const { graph } = await quantize(net(), batches);
    await expect(quantize(graph, batches)).rejects.toThrow(
      "small: expected a float32 network, found one that is quantized already; give the one it was made from.",
    );
  });

  it("refuses a network without layers", async () => {
    const b = newGraph("nothing");
    b.output("y", b.op("Relu", [b.input("images", "float32", ["N", 2, 8, 8])]));
    await expect(quantize(b.build(), batches)).rejects.toThrow("there is nothing to quantize");
  });

  it("names the tensor in which a number is not finite", async () => {
    const broken = rebuild(net(), {
      leaf: (value) =>
        value.name === "conv2.bias"
          ? new Value(value.role, value.dtype, value.shape, {
              name: value.name,
              tensor: tensor([4], [1, Number.NaN, 0, 0]),
            })
          : value,
    });
    await expect(quantize(broken, batches)).rejects.toThrow(
      /small: expected finite numbers in the tensor conv2:Conv \[N, 4, \d, \d\], found NaN/,
    );
  });

  it("refuses methods and percentiles that do not exist", async () => {
    const method = "minmax" as "min-max";
    await expect(quantize(net(), batches, { method })).rejects.toThrow(
      'quantize: method "minmax" is not known (did you mean "min-max"?); choose from min-max, percentile, mse, entropy.',
    );
    await expect(quantize(net(), batches, { percentile: 0.9999 })).rejects.toThrow(
      "quantize: expected a percentile above 50 and at most 100, found 0.9999; correct it.",
    );
  });

  it("refuses no images and names that mean nothing", async () => {
    await expect(quantize(net(), [])).rejects.toThrow("expected at least one batch of images, found none");
    await expect(quantize(net(), batches, { keepFloat: ["conv3"] })).rejects.toThrow(
      'small: nothing is named "conv3" to be kept float (did you mean "conv2"?)',
    );
  });
});
