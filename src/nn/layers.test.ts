import { describe, expect, it } from "vitest";
import { SenetError } from "../base/errors.ts";
import type { GraphBuilder } from "../ir/builder.ts";
import { parametersOf, type Value } from "../ir/graph.ts";
import type { Shape } from "../ir/shape.ts";
import { newGraph } from "../ops/new-graph.ts";
import { relu6 } from "./activations.ts";
import { batchNorm } from "./batch-norm.ts";
import { convNorm } from "./conv-norm.ts";
import { conv2d } from "./conv2d.ts";
import { linear } from "./linear.ts";
import { squeezeExcite } from "./se.ts";

function build(shape: Shape, make: (b: GraphBuilder, x: Value) => Value) {
  const b = newGraph("layers");
  b.output(
    "y",
    b.scope("layer1", () => make(b, b.input("x", "float32", shape))),
  );
  return b.build();
}

describe("a number of channels that a layer cannot take", () => {
  it.each<[string, Shape, (b: GraphBuilder, x: Value) => Value, string]>([
    [
      "that groups do not divide",
      ["N", 3, 4, 4],
      (b, x) => conv2d(b, "conv", x, { out: 4, groups: 2 }),
      "Conv in layer1.conv: expected channels to be a multiple of group 2, found 3; change one.",
    ],
    [
      "of outputs that groups do not divide",
      ["N", 4, 4, 4],
      (b, x) => conv2d(b, "conv", x, { out: 3, groups: 2 }),
      "Conv in layer1.conv: expected filters to be a multiple of group 2, found 3; change one.",
    ],
    [
      "not known, of a convolution",
      ["N", "C", 4, 4],
      (b, x) => conv2d(b, "conv", x, { out: 4 }),
      "Conv in layer1.conv: expected a known dimension on axis 1, found C; bind it to a number first (bindDims).",
    ],
    [
      "not known, of BatchNorm",
      ["N", "C", 4, 4],
      (b, x) => batchNorm(b, "bn", x),
      "BatchNormalization in layer1.bn: expected a known dimension on axis 1, found C; bind it to a number first (bindDims).",
    ],
    [
      "not known, of a linear layer",
      ["N", "C"],
      (b, x) => linear(b, "fc", x, { out: 4 }),
      "Gemm in layer1.fc: expected a known dimension on axis 1, found C; bind it to a number first (bindDims).",
    ],
    [
      "not known, of an SE block",
      ["N", "C", 4, 4],
      (b, x) => squeezeExcite(b, "se", x),
      "SE block layer1.se: expected a known dimension on axis 1, found C; bind it to a number first (bindDims).",
    ],
  ])("%s", (_, shape, make, message) => {
    expect(() => build(shape, make)).toThrow(new SenetError("shape", message));
  });
});

describe("convNorm", () => {
  it("names its two layers, and has the activation last", () => {
    const options = { out: 6, kernel: 3, stride: 2, groups: 2, epsilon: 0.25 };
    const graph = build([2, 4, 6, 6], (b, x) => convNorm(b, ["conv1", "bn1"], x, options, relu6));
    expect(graph.nodes.map(({ op, scope }) => [op, scope])).toEqual([
      ["Conv", "layer1.conv1"],
      ["BatchNormalization", "layer1.bn1"],
      ["Clip", "layer1"],
    ]);
    expect(graph.nodes[1].attrs.epsilon).toBe(0.25);
    expect(graph.outputs[0].value.shape).toEqual([2, 6, 3, 3]);
    expect(parametersOf(graph).map(({ name, shape }) => [name, shape])).toEqual([
      ["layer1.conv1.weight", [6, 2, 3, 3]],
      ["layer1.bn1.weight", [6]],
      ["layer1.bn1.bias", [6]],
    ]);
  });

  it("takes an epsilon of 0 as it is", () => {
    const graph = build([2, 4, 6, 6], (b, x) => convNorm(b, ["conv1", "bn1"], x, { out: 6, epsilon: 0 }));
    expect(graph.nodes[1].attrs.epsilon).toBe(0);
  });

  it("needs no activation, and has PyTorch's epsilon by default", () => {
    const graph = build([2, 4, 6, 6], (b, x) => convNorm(b, ["conv1", "bn1"], x, { out: 6 }));
    expect(graph.nodes.map(({ op }) => op)).toEqual(["Conv", "BatchNormalization"]);
    expect(graph.nodes[1].attrs.epsilon).toBe(1e-5);
  });
});
