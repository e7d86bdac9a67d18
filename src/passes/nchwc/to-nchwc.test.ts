import { describe, expect, it, type TestContext } from "vitest";
import { blockHere } from "../../../test/support/block-here.ts";
import { largestError } from "../../../test/support/compare.ts";
import { evaluate } from "../../../test/support/evaluate.ts";
import { randomTensor } from "../../../test/support/gradient-check.ts";
import type { GraphBuilder } from "../../ir/builder.ts";
import type { Graph, Value } from "../../ir/graph.ts";
import { tensor } from "../../ir/tensor.ts";
import { usesOf } from "../../ir/uses.ts";
import { conv2d } from "../../nn/conv2d.ts";
import { squeezeExcite } from "../../nn/se.ts";
import { symmetric } from "../../ops/conv-shape.ts";
import { newGraph } from "../../ops/new-graph.ts";
import { verify } from "../../ops/verify.ts";
import { toRef } from "../../reference/ref-tensor.ts";
import { executeGraph } from "../../runtime/execute-graph-node.ts";
import { scaleByConvolution } from "../inference/scale-by-convolution.ts";
import { toNchwc } from "./to-nchwc.ts";

const SHAPE = [1, 3, 8, 7];
const x = randomTensor(SHAPE, 3);
const images = tensor(SHAPE, Float32Array.from(x.data));

const graphOf = (build: (b: GraphBuilder, x: Value) => Value): Graph => {
  const b = newGraph("net");
  b.output("y", build(b, b.input("x", "float32", SHAPE)));
  return b.build();
};

const conv = (b: GraphBuilder, map: Value, name: string, out = 32, kernel = 3, groups = 1) =>
  conv2d(b, name, map, { out, kernel, groups, bias: true });

const cases: [string, (b: GraphBuilder, x: Value) => Value, string[]][] = [
  [
    "few channels, then blocks, with an activation each",
    (b, map) => b.op("Relu", [b.op("Relu", [conv(b, b.op("Sigmoid", [conv(b, map, "a")]), "b")])]),
    ["NchwcConv", "NchwcConv", "ReorderOutput", "Relu"],
  ],
  [
    "a shortcut that is added in the convolution",
    (b, map) => {
      const a = conv(b, map, "a");
      const sum = b.op("Relu", [b.op("Add", [conv(b, a, "b"), a])]);
      return b.op("MaxPool", [sum], { kernel_shape: [8, 7] });
    },
    ["NchwcConv", "NchwcConv", "ReorderOutput", "MaxPool"],
  ],
  [
    "a shortcut computed after the branch",
    (b, map) => {
      const a = conv(b, map, "a");
      const branch = conv(b, a, "b");
      return b.op("Neg", [b.op("Add", [branch, conv(b, a, "shortcut", 32, 1)])]);
    },
    ["NchwcConv", "NchwcConv", "NchwcConv", "ReorderOutput", "Neg"],
  ],
  [
    "pools, stacks and products of maps in blocks",
    (b, map) => {
      const a = b.op("MaxPool", [conv(b, map, "a")], {
        kernel_shape: [3, 3],
        strides: [2, 2],
        pads: symmetric(1),
      });
      const both = b.op("Concat", [b.op("Mul", [a, a]), a], { axis: 1 });
      return b.op("Neg", [b.op("GlobalAveragePool", [both])]);
    },
    ["NchwcConv", "NchwcMaxPool", "Mul", "Concat", "NchwcGlobalAveragePool", "Neg"],
  ],
  [
    "groups of a block and single channels",
    (b, map) => {
      const wide = conv(b, conv(b, map, "a", 64), "wide", 64, 3, 2);
      return b.op("Neg", [conv(b, wide, "deep", 64, 3, 64)]);
    },
    ["NchwcConv", "NchwcConv", "NchwcConv", "ReorderOutput", "Neg"],
  ],
  [
    "filters that do not fill blocks",
    (b, map) => b.op("Neg", [conv(b, conv(b, conv(b, map, "a"), "odd", 20), "b")]),
    ["NchwcConv", "ReorderOutput", "Conv", "Conv", "Neg"],
  ],
];

describe("toNchwc", () => {
  it.for(cases)("computes the same on the engine: %s", async ([_, build, ops], context) => {
    const graph = graphOf(build);
    const nchwc = toNchwc(graph, 16).graph;
    verify(nchwc);
    expect(nchwc.nodes.map(({ op }) => op)).toEqual(ops);
    await expectSameHere(context, graph, (block) => toNchwc(graph, block).graph);
  });

  it("says which convolutions stay, and why", () => {
    const { applied, skipped } = toNchwc(graphOf(cases[5][1]), 16);
    expect(applied).toEqual(["a"]);
    expect(skipped).toEqual([
      { where: "odd", why: "its 20 filters are no multiple of 16" },
      { where: "b", why: "its 20 channels are no multiple of 16" },
    ]);
  });

  it("still reads a weight that is fed where factors scale it", () => {
    const graph = graphOf((b, map) => {
      const a = conv(b, map, "a");
      const weight = b.parameter("fed", tensor([32, 32, 1, 1], new Float32Array(32 * 32)));
      b.feed([weight]);
      const factors = b.op("Reshape", [b.op("GlobalAveragePool", [a]), b.constant([32, 1, 1, 1])]);
      return b.op("Neg", [b.op("Conv", [a, b.op("Mul", [weight, factors])], { kernel_shape: [1, 1] })]);
    });
    const { graph: nchwc, applied } = toNchwc(graph, 16);
    expect(applied).toHaveLength(2);
    expect(
      usesOf(nchwc)
        .readersOf(graph.inputs[1])
        .map(({ op }) => op),
    ).toEqual(["Mul"]);
  });

  it("takes up convolutions that scale", async (context) => {
    const graph = graphOf((b, map) => {
      const a = conv(b, map, "a");
      const sum = b.op("Add", [squeezeExcite(b, "se", conv(b, a, "b", 32, 1)), a]);
      return b.op("Neg", [b.op("Relu", [sum])]);
    });
    const scaled = scaleByConvolution(graph).graph;
    expect(
      toNchwc(scaled, 16).graph.nodes.some(({ op }) => op === "Add" || op === "Relu" || op === "Mul"),
    ).toBe(true);
    await expectSameHere(context, graph, (block) => toNchwc(scaled, block).graph);
  });
});

/** Compares where this engine has blocks. */
async function expectSameHere(
  context: TestContext,
  graph: Graph,
  make: (block: number) => Graph,
): Promise<void> {
  const block = await blockHere(context);
  const expected = evaluate(graph, { x });
  const found = await executeGraph(make(block), { x: images }, { threads: 1 });
  expect(largestError(toRef(found.y), expected.y)).toBeLessThan(1e-5);
}
