import { expect, it } from "vitest";
import type { GraphBuilder } from "../ir/builder.ts";
import type { Value } from "../ir/graph.ts";
import { createModel } from "../models/create-model.ts";
import { newGraph } from "../ops/new-graph.ts";
import { peakActivationBytes } from "./peak-memory.ts";

/** Of a graph on x, 100 float32 numbers, 400 bytes. */
function peak(make: (b: GraphBuilder, x: Value) => Value): number {
  const b = newGraph("peak");
  b.output("y", make(b, b.input("x", "float32", [1, 100])));
  return peakActivationBytes(b.build());
}

const relu = (b: GraphBuilder, x: Value) => b.op("Relu", [x]);

it("forgets what nobody reads any more", () => {
  expect(peak((b, x) => relu(b, relu(b, relu(b, x))))).toBe(800);
});

it("keeps what is read later: a shortcut", () => {
  // When the sum is made: x, the branch, the sum; before that x and two of the branch.
  expect(peak((b, x) => b.op("Add", [relu(b, relu(b, x)), x]))).toBe(1200);
});

it("keeps what the graph gives out", () => {
  const b = newGraph("outputs");
  const x = b.input("x", "float32", [1, 100]);
  const [first, second] = [relu(b, x), relu(b, x)];
  b.output("first", first);
  b.output("second", relu(b, relu(b, second)));
  // The first output, and two of the chain at a time.
  expect(peakActivationBytes(b.build())).toBe(1200);
});

it("keeps the memory of a view as long as the view is read", () => {
  const view = (b: GraphBuilder, x: Value) => b.op("Reshape", [x, b.constant([10, 10])]);
  expect(peak((b, x) => relu(b, view(b, relu(b, x))))).toBe(800);
  expect(
    peak((b, x) => {
      const first = relu(b, x);
      const seen = view(b, first);
      const second = relu(b, relu(b, first));
      return b.op("Add", [view(b, second), view(b, seen)]);
    }),
  ).toBe(1200);
});

it("counts an input that is only passed on, and none of the weights", () => {
  expect(peak((_, x) => x)).toBe(400);
  // layer1: the shortcut, the branch and what is made of it, 16×32×32 numbers each, while nothing else is alive.
  expect(peakActivationBytes(createModel("resnet8", { batch: 1 }))).toBe(3 * 16 * 32 * 32 * 4);
});
