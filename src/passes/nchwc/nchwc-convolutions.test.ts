import { describe, expect, it } from "vitest";
import { blockHere } from "../../../test/support/block-here.ts";
import { largestError } from "../../../test/support/compare.ts";
import { evaluate } from "../../../test/support/evaluate.ts";
import { fed, tensorOf } from "../../../test/support/operator-case.ts";
import { tensor } from "../../ir/tensor.ts";
import { newGraph } from "../../ops/new-graph.ts";
import { verify } from "../../ops/verify.ts";
import { toRef } from "../../reference/ref-tensor.ts";
import { executeGraph } from "../../runtime/execute-graph-node.ts";
import { probeBlock } from "../../runtime/probe-block-node.ts";
import { lower } from "../lower/lower.ts";
import { nchwcConvolutions } from "./nchwc-convolutions.ts";

const x = tensorOf(fed([2, 32, 7, 6]), 0);

function graphOf(weight: readonly number[], attrs: Readonly<Record<string, number | number[]>>) {
  const b = newGraph("blocks");
  const images = b.input("x", "float32", x.shape);
  const w = b.input("w", "float32", weight);
  b.output(
    "y",
    b.scope("conv", () => b.op("Conv", [images, w], { kernel_shape: weight.slice(2), ...attrs })),
  );
  return b.build();
}

describe("nchwcConvolutions", () => {
  it.each<[string, number[], Record<string, number | number[]>]>([
    ["3×3", [32, 32, 3, 3], { pads: [1, 1, 1, 1] }],
    ["3×3 stride 2", [64, 32, 3, 3], { pads: [1, 1, 1, 1], strides: [2, 2] }],
    ["1×3 uneven padding", [16, 32, 1, 3], { pads: [0, 2, 0, 0] }],
    ["2×2 dilation 2", [32, 32, 2, 2], { dilations: [2, 2] }],
  ])("computes the same on the engine: %s", async (_, weight, attrs) => {
    const graph = graphOf(weight, attrs);
    const w = tensorOf(fed(weight), 1);
    const expected = evaluate(graph, { x: toRef(x), w: toRef(w) });
    // Not by `probeBlock` alone, which would find nothing where this pass is wrong.
    const errors: [number, number][] = [];
    for (const block of [8, 16]) {
      const nchwc = nchwcConvolutions(graph, block);
      verify(nchwc);
      expect(nchwc.nodes.map(({ op }) => op)).toContain("NchwcConv");
      const found = await executeGraph(nchwc, { x, w }, { threads: 1 }).catch(() => undefined);
      if (found) errors.push([block, largestError(toRef(found.y), expected.y)]);
    }
    const right = errors.filter(([, error]) => error <= 1e-5).map(([block]) => block);
    // An engine without NCHWc convolutions runs neither; others know blocks of one size.
    expect(right.length).toBe(errors.length === 0 ? 0 : 1);
    expect([await probeBlock()]).toEqual(errors.length === 0 ? [undefined] : right);
  });

  it("puts a turned weight into blocks without turning it first", async (context) => {
    const b = newGraph("turned");
    const dy = b.input("x", "float32", [2, 32, 7, 6]);
    const w = b.input("w", "float32", [32, 16, 3, 2]);
    const attrs = { kernel_shape: [3, 2], pads: [1, 0, 1, 1], input_shape: [2, 16, 7, 6] };
    b.output("y", b.op("ConvGradInput", [dy, w], attrs));
    const weight = tensorOf(fed([32, 16, 3, 2]), 1);
    const expected = evaluate(b.build(), { x: toRef(x), w: toRef(weight) });
    const block = await blockHere(context);
    const nchwc = nchwcConvolutions(lower(b.build()), block);
    verify(nchwc);
    expect(nchwc.nodes.map(({ op }) => op)).not.toContain("Slice");
    const { y } = await executeGraph(nchwc, { x, w: weight }, { threads: 1 });
    expect(largestError(toRef(y), expected.y)).toBeLessThan(1e-5);
  });

  it("leaves convolutions that do not fit into blocks as they are", () => {
    const unchanged = (weight: number[], attrs: Record<string, number | number[]> = {}, block = 16) =>
      nchwcConvolutions(graphOf(weight, attrs), block).nodes.map(({ op }) => op);
    expect(unchanged([20, 32, 3, 3])).toEqual(["Conv"]); // filters are no multiple of 16
    expect(unchanged([64, 32, 3, 3], {}, 64)).toEqual(["Conv"]); // channels are less than a block
    expect(unchanged([32, 32, 1, 1])).toEqual(["Conv"]); // a matrix product already
    expect(unchanged([32, 16, 3, 3], { group: 2 })).toEqual(["Conv"]);
    expect(unchanged([32, 32, 3, 3])).toContain("NchwcConv");
  });

  it("leaves constant weights and biases to the engine", () => {
    const b = newGraph("constant");
    const images = b.input("x", "float32", x.shape);
    const constant = b.constant(tensor([16, 32, 3, 3], new Float32Array(16 * 32 * 9)));
    const w = b.input("w", "float32", [16, 32, 3, 3]);
    const bias = b.input("b", "float32", [16]);
    b.output("y", b.op("Conv", [images, constant], { kernel_shape: [3, 3] }));
    b.output("z", b.op("Conv", [images, w, bias], { kernel_shape: [3, 3] }));
    expect(nchwcConvolutions(b.build(), 16).nodes.map(({ op }) => op)).toEqual(["Conv", "Conv"]);
  });
});
