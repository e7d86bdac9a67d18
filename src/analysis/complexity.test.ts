import { expect, it } from "vitest";
import { knownShape, parametersOf, statesOf, Value } from "../ir/graph.ts";
import type { Tensor } from "../ir/tensor.ts";
import { createModel } from "../models/create-model.ts";
import { relu } from "../nn/activations.ts";
import { conv2d } from "../nn/conv2d.ts";
import { linear } from "../nn/linear.ts";
import { globalAveragePool } from "../nn/pooling.ts";
import { newGraph } from "../ops/new-graph.ts";
import { rebuild } from "../passes/graph/rebuild.ts";
import { complexity, totalsOf } from "./complexity.ts";
import { addCounts } from "./node-cost.ts";

it("counts a network that can be counted by hand", () => {
  const b = newGraph("tiny");
  const x = b.input("images", "float32", ["N", 3, 8, 8]);
  const y = relu(b, conv2d(b, "conv", x, { out: 5, kernel: 3, bias: true }));
  b.output("logits", linear(b, "fc", b.op("Flatten", [globalAveragePool(b, y)]), { out: 2 }));
  const { parameters, statistics, macs, se, seBlocks } = complexity(b.build());
  expect({ parameters, statistics, macs, se, seBlocks }).toEqual({
    parameters: 5 * 3 * 9 + 5 + 2 * 5 + 2,
    statistics: 0,
    macs: 5 * 3 * 9 * 64 + 2 * 5,
    se: addCounts([]),
    seBlocks: 0,
  });
});

it("tells what SE blocks add, and nothing else", () => {
  const plain = complexity(createModel("resnet20"));
  const se = complexity(createModel("seresnet20"));
  expect(se.seBlocks).toBe(9);
  expect(se.parameters - plain.parameters).toBe(se.se.parameters);
  expect(se.macs - plain.macs).toBe(se.se.macs);
  // Three blocks each of 16, 32 and 64 channels, with 4 hidden units: two matrices and two biases.
  expect(se.se.parameters).toBe(3 * [16, 32, 64].reduce((sum, c) => sum + 2 * 4 * c + 4 + c, 0));
  expect(se.se.macs).toBe(3 * [16, 32, 64].reduce((sum, c) => sum + 2 * 4 * c, 0));
  expect(se.statistics).toBe(plain.statistics);
});

it("counts the images of a fixed batch", () => {
  expect(complexity(createModel("resnet8", { batch: 4 })).macs).toBe(
    4 * complexity(createModel("resnet8")).macs,
  );
});

it("counts SE-ResNet-50 as its authors released it, to the last digit", () => {
  const { parameters, macs, se, seBlocks } = complexity(createModel("legacy_seresnet50"));
  expect({ parameters, seParameters: se.parameters, seBlocks }).toEqual({
    parameters: 28_088_024,
    seParameters: 2_530_992,
    seBlocks: 16,
  });
  expect((macs / 1e9).toFixed(4)).toBe("3.8605");
});

it("skips nothing: nodes, kinds and modules each add up to the totals", () => {
  const counts = complexity(createModel("seresnet20"));
  const { parameters, macs, flops, activations, bytesMoved } = counts;
  const totals = { parameters, macs, flops, activations, bytesMoved };
  expect(addCounts(counts.nodes)).toEqual(totals);
  expect(addCounts(Object.values(counts.kinds))).toEqual(totals);
  expect(addCounts(counts.tree.modules)).toEqual(totals);
  expect(Object.values(counts.kinds).reduce((sum, { nodes }) => sum + nodes, 0)).toBe(counts.nodes.length);
  expect(counts.tree.se).toEqual(counts.se);
  expect(addCounts(Object.values(counts.kinds).map(({ se }) => se))).toEqual(counts.se);
  expect(counts.se.bytesMoved).toBeGreaterThan(0);
});

it("tells what SE blocks move and compute besides their MACs", () => {
  const plain = complexity(createModel("resnet20"));
  const se = complexity(createModel("seresnet20"));
  expect(se.bytesMoved - plain.bytesMoved).toBe(se.se.bytesMoved);
  expect(se.flops - plain.flops).toBe(se.se.flops);
  expect(se.activations - plain.activations).toBe(se.se.activations);
  // The squeeze and the scale each do one operation an element of the map, besides what is done to the gates.
  const maps = 3 * (16 * 32 * 32 + 32 * 16 * 16 + 64 * 8 * 8);
  expect(se.kinds.scale).toMatchObject({ nodes: 9, flops: maps, se: { flops: maps } });
  expect(se.kinds.pooling.se.flops).toBe(maps);
  expect(se.se.bytesMoved / se.bytesMoved).toBeGreaterThan(100 * (se.se.macs / se.macs));
});

it("gives the totals alone", () => {
  const counts = complexity(createModel("seresnet8"));
  const { nodes, kinds, tree, ...totals } = counts;
  expect([nodes.length, Object.keys(kinds).length, tree.modules.length].every((length) => length > 0)).toBe(
    true,
  );
  expect(totalsOf(counts)).toEqual(totals);
  expect(Object.keys(totalsOf(counts)).sort()).toEqual([
    "activations",
    "bytesMoved",
    "flops",
    "macs",
    "paperFlops",
    "parameters",
    "peakActivationBytes",
    "se",
    "seBlocks",
    "statistics",
  ]);
});

it("reads no weight", () => {
  const graph = createModel("seresnet8");
  const unreadable = (value: Value): Tensor => ({
    dtype: value.dtype,
    shape: knownShape(value),
    get data(): never {
      throw new Error("a weight was read");
    },
  });
  const learned = new Set([...parametersOf(graph), ...statesOf(graph)]);
  const closed = rebuild(graph, {
    leaf: (value) =>
      learned.has(value)
        ? new Value(value.role, value.dtype, value.shape, {
            name: value.name,
            tensor: unreadable(value),
          })
        : value,
  });
  expect(complexity(closed)).toEqual(complexity(graph));
});

it("refuses images of a size that is not known", () => {
  const b = newGraph("any size");
  b.output("y", relu(b, b.input("images", "float32", ["N", 3, "H", "W"])));
  expect(() => complexity(b.build())).toThrow(
    "Relu: expected known dimensions, found [1, 3, H, W]; bind its symbols, such as the batch, to numbers first (bindDims).",
  );
});
