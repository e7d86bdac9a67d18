import { describe, expect, it } from "vitest";
import type { DType } from "../ir/dtype.ts";
import { createModel } from "../models/create-model.ts";
import { newGraph } from "../ops/new-graph.ts";
import { addCounts, nodeCosts } from "./node-cost.ts";

it("counts what one convolution reads, writes, holds and computes", () => {
  const b = newGraph("one");
  const x = b.input("x", "float32", [1, 3, 8, 8]);
  const w = b.parameter("w", { dtype: "float32", shape: [5, 3, 3, 3], data: new Float32Array(135) });
  b.output("y", b.op("Conv", [x, w], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }));
  expect(nodeCosts(b.build(), new Set())).toEqual([
    {
      op: "Conv",
      scope: "",
      kind: "convolution",
      se: false,
      output: [1, 5, 8, 8],
      parameters: 135,
      macs: 135 * 64,
      flops: 2 * 135 * 64,
      activations: 5 * 64,
      bytesMoved: 4 * (3 * 64 + 135 + 5 * 64),
    },
  ]);
});

describe("bytes moved", () => {
  /** Of an operator on one 2×3 tensor, given as often as the operator wants. */
  const bytes = (
    op: string,
    { dtype = "float32", operands = 1 }: { dtype?: DType; operands?: number } = {},
  ) => {
    const b = newGraph("bytes");
    const x = b.input("x", dtype, [2, 3]);
    b.output("y", b.op(op, Array(operands).fill(x)));
    return nodeCosts(b.build(), new Set())[0].bytesMoved;
  };

  it("follow the element type", () => {
    expect(bytes("Relu")).toBe(2 * 6 * 4);
    expect(bytes("Relu", { dtype: "float16" })).toBe(2 * 6 * 2);
  });

  it("count an input once that is used twice", () => {
    expect(bytes("Mul", { operands: 2 })).toBe(2 * 6 * 4);
  });

  it("are none for views", () => {
    expect(bytes("Flatten")).toBe(0);
    expect(bytes("Identity")).toBe(0);
  });
});

it("counts shared parameters with the first node that reads them", () => {
  const b = newGraph("shared");
  const w = b.parameter("w", { dtype: "float32", shape: [3, 3], data: new Float32Array(9) });
  const x = b.input("x", "float32", [1, 3]);
  b.output("y", b.op("MatMul", [b.op("MatMul", [x, w]), w]));
  expect(nodeCosts(b.build(), new Set()).map(({ parameters }) => parameters)).toEqual([9, 0]);
});

it("marks the nodes it is told of, and adds up", () => {
  const graph = createModel("seresnet8", { batch: 1 });
  const costs = nodeCosts(graph, new Set(graph.nodes.slice(0, 2)));
  expect(costs.filter(({ se }) => se)).toEqual(costs.slice(0, 2));
  expect(addCounts(costs.slice(0, 2)).macs).toBe(3 * 16 * 9 * 32 * 32);
  expect(addCounts([])).toEqual({ parameters: 0, macs: 0, flops: 0, activations: 0, bytesMoved: 0 });
});

it("refuses dimensions that are not known", () => {
  expect(() => nodeCosts(createModel("resnet8"), new Set())).toThrow(/^Conv: expected known dimensions/);
});
