import { expect, it } from "vitest";
import type { GraphBuilder } from "../ir/builder.ts";
import type { Value } from "../ir/graph.ts";
import { operators } from "../ops/index.ts";
import { newGraph } from "../ops/new-graph.ts";
import { isView, kindOf, kinds } from "./operator-kinds.ts";

function kindOfLast(make: (b: GraphBuilder, x: Value) => Value): string {
  const b = newGraph("kind");
  b.output("y", make(b, b.input("x", "float32", [1, 4, 2, 2])));
  return b.build().nodes.map(kindOf).at(-1) ?? "";
}

it("knows a kind for every operator", () => {
  for (const op of Object.keys(operators)) {
    const node = { op, scope: "", inputs: [], attrs: {}, outputs: [] };
    expect(kinds, op).toContain(kindOf(node));
  }
});

it("tells products of two maps from products with a constant and from SiLU", () => {
  const sigmoid = (b: GraphBuilder, x: Value) => b.op("Sigmoid", [x]);
  expect(kindOfLast((b, x) => b.op("Mul", [x, b.op("GlobalAveragePool", [x])]))).toBe("scale");
  expect(kindOfLast((b, x) => b.op("Mul", [b.constant(0.17), x]))).toBe("other");
  expect(kindOfLast((b, x) => b.op("Mul", [x, sigmoid(b, x)]))).toBe("activation");
  expect(kindOfLast((b, x) => b.op("Mul", [b.op("HardSigmoid", [x]), x]))).toBe("activation");
  expect(kindOfLast((b, x) => b.op("Mul", [x, sigmoid(b, b.op("GlobalAveragePool", [x]))]))).toBe("scale");
  expect(kindOfLast((b, x) => b.op("Mul", [x, sigmoid(b, b.op("Add", [x, b.op("Relu", [x])]))]))).toBe(
    "scale",
  );
  expect(kindOfLast((b, x) => b.op("Mul", [x, x]))).toBe("scale");
});

it("knows HardSwish written out", () => {
  const gate = (b: GraphBuilder, x: Value) =>
    b.op("Clip", [b.op("Add", [x, b.constant(3)]), b.constant(0), b.constant(6)]);
  expect(kindOfLast((b, x) => b.op("Mul", [x, gate(b, x)]))).toBe("activation");
  expect(kindOfLast((b, x) => b.op("Mul", [gate(b, b.op("Relu", [x])), b.op("Neg", [x])]))).toBe("scale");
});

it("tells sums of two maps from a bias", () => {
  expect(kindOfLast((b, x) => b.op("Add", [x, b.op("Relu", [x])]))).toBe("sum");
  expect(kindOfLast((b, x) => b.op("Add", [x, b.constant(1)]))).toBe("other");
});

it("takes for views what copies nothing", () => {
  const views = Object.keys(operators).filter((op) =>
    isView({ op, scope: "", inputs: [], attrs: {}, outputs: [] }),
  );
  expect(views).toEqual(["Dropout", "Flatten", "Identity", "Reshape"]);
});
