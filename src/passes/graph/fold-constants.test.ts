import { describe, expect, it } from "vitest";
import { evaluate } from "../../../test/support/evaluate.ts";
import { randomTensor } from "../../../test/support/gradient-check.ts";
import { print } from "../../ir/print.ts";
import { tensor } from "../../ir/tensor.ts";
import { newGraph } from "../../ops/new-graph.ts";
import { verify } from "../../ops/verify.ts";
import { foldConstants, foldingAdder } from "./fold-constants.ts";
import { reshapeTarget } from "./shape-content.ts";

describe("foldConstants", () => {
  it("computes what depends on constants alone, and leaves parameters what they are", () => {
    const b = newGraph("g");
    const x = b.input("x", "float32", ["N", 3]);
    const three = b.op("Add", [b.constant(1), b.constant(2)]);
    const scale = b.parameter("scale", tensor([3], [1, 2, 3]));
    b.output("y", b.op("Mul", [b.op("Mul", [x, three]), b.op("Neg", [scale])]));
    const folded = foldConstants(b.build());
    verify(folded);
    expect(folded.nodes.map(({ op }) => op)).toEqual(["Mul", "Neg", "Mul"]);
    expect(folded.nodes[0].inputs[1]?.tensor?.data).toEqual(Float32Array.of(3));
  });

  it("keeps the ends of int64, which mean the last element", () => {
    const b = newGraph("g");
    const last = b.constant(tensor([1], BigInt64Array.of(2n ** 63n - 1n), "int64"));
    b.output("y", b.op("Concat", [last, b.constant([-5])], { axis: 0 }));
    const [{ value }] = foldConstants(b.build()).outputs;
    expect(value.tensor?.data).toEqual(BigInt64Array.of(2n ** 63n - 1n, -5n));
  });

  it("leaves what is large", () => {
    const b = newGraph("g");
    b.output("y", b.op("Expand", [b.constant(1), b.constant([1000, 1000])]));
    expect(foldConstants(b.build()).nodes.map(({ op }) => op)).toEqual(["Expand"]);
  });

  it("stops when a graph would grow too large by many of them", () => {
    const b = newGraph("g");
    for (let i = 0; i < 100; i++) {
      b.output(`y${i}`, b.op("Expand", [b.constant(i), b.constant([2 ** 16])]));
    }
    const folded = foldConstants(b.build());
    expect(folded.nodes.length).toBe(100 - 2 ** 22 / 2 ** 16);
  });
});

describe("arithmetic with shapes", () => {
  it("becomes a shape with 0 where a symbol stays, as PyTorch's view(x.size(0), -1) is exported", () => {
    const b = newGraph("g");
    const add = foldingAdder(b);
    const x = b.input("x", "float32", ["N", 8, 6, 6]);
    const [shape] = add("Shape", [x]);
    const [size] = add("Gather", [shape, b.constant(tensor([], [0], "int64"))]);
    const [row] = add("Unsqueeze", [size, b.constant([0])]);
    const [wanted] = add("Concat", [row, b.constant([-1])], { axis: 0 });
    const [y] = add("Reshape", [x, wanted]);
    expect(y.producer?.inputs[1]?.tensor?.data).toEqual(BigInt64Array.of(0n, -1n));
    expect(y.shape).toEqual(["N", 288]);
  });

  it("does not take what two windows leave of one symbol for equal", () => {
    const b = newGraph("g");
    const x = b.input("x", "float32", ["N", 2, "H", 8]);
    const heightAfter = (side: number) => {
      const map = b.op("MaxPool", [x], { kernel_shape: [side, 1] });
      return b.op("Gather", [b.op("Shape", [map]), b.constant([2])]);
    };
    b.output("difference", b.op("Sub", [heightAfter(3), heightAfter(5)]));
    b.output("ratio", b.op("Div", [heightAfter(3), heightAfter(5)]));
    const folded = foldConstants(b.build());
    expect(folded.outputs.map(({ value }) => value.role)).toEqual(["computed", "computed"]);
    const x7 = { x: randomTensor([1, 2, 7, 8], 1) };
    expect([...evaluate(folded, x7).difference.data]).toEqual([2]);
  });

  it("computes with what is known of a shape", () => {
    const b = newGraph("g");
    const add = foldingAdder(b);
    const x = b.input("x", "float32", ["N", 8, 6, 6]);
    const [shape] = add("Shape", [x]);
    const [batch] = add("Slice", [shape, ...[[0], [1], [0]].map((numbers) => b.constant(numbers))]);
    const [rest] = add("Slice", [shape, ...[[1], [4], [0]].map((numbers) => b.constant(numbers))]);
    expect(rest.tensor?.data).toEqual(BigInt64Array.of(8n, 6n, 6n));
    const [half] = add("Div", [rest, b.constant([2, 1, 1])]);
    const [twice] = add("Mul", [batch, b.constant([1])]);
    const [wanted] = add("Concat", [twice, b.constant([2]), half], { axis: 0 });
    expect(add("Reshape", [x, wanted])[0].shape).toEqual(["N", 2, 4, 6, 6]);
  });

  it("knows that a symbol has moved, and when there are two", () => {
    expect(reshapeTarget(["N", 200], ["N", 200, 1, 1])).toEqual([0, 200]);
    expect(reshapeTarget([200, "N"], ["N", 200])).toEqual([200, -1]);
    expect(reshapeTarget([1, "N", "M"], ["N", "M"])).toBeUndefined();
  });

  it("leaves no node behind that nobody reads", () => {
    const b = newGraph("g");
    const x = b.input("x", "float32", ["N", 4]);
    const rows = b.op("Shape", [x], { end: 1 });
    b.output("y", b.op("Relu", [x]));
    b.output("rows", rows);
    const graph = b.build();
    expect(print(foldConstants(graph))).toBe(print(graph));
  });
});
