import { expect, test } from "vitest";
import type { Node } from "../ir/graph.ts";
import { operators } from "./index.ts";
import { newGraph } from "./new-graph.ts";
import { isChannelConcat, isElementWise, isOp, isPairwise, isView, oneOf } from "./predicates.ts";

const all = Object.keys(operators).map((op) => ({ op }));
const namesOf = (has: (node: { op: string }) => boolean) => all.filter(has).map(({ op }) => op);

test("views are what copies nothing", () => {
  expect(namesOf(isView)).toEqual(["Dropout", "Flatten", "Identity", "Reshape", "Squeeze", "Unsqueeze"]);
});

test("operators that combine two inputs are arithmetic", () => {
  expect(namesOf(isPairwise)).toEqual(["Add", "Div", "Mul", "Pow", "ShakeMean", "Sub"]);
  expect(namesOf(isElementWise)).toEqual(expect.arrayContaining(["Add", "Clip", "PRelu", "Sum"]));
  expect(namesOf((node) => isElementWise(node) && isView(node))).toEqual([]);
});

test("an operator that nobody knows is none of them", () => {
  expect(oneOf("Relu")({ op: "toString" })).toBe(false);
  expect([isView, isElementWise, isPairwise].map((has) => has({ op: "toString" }))).toEqual([
    false,
    false,
    false,
  ]);
});

test("a node of an operator has that operator's attributes", () => {
  const b = newGraph("typed");
  const x = b.input("x", "float32", ["N", 4, 8, 8]);
  const { producer } = b.op("MaxPool", [x], { kernel_shape: [2, 3] });
  const sides: readonly number[] = isOp(producer, "AveragePool", "MaxPool")
    ? producer.attrs.kernel_shape
    : [];
  expect(sides).toEqual([2, 3]);
  expect([isOp(producer, "AveragePool"), isOp(undefined, "MaxPool")]).toEqual([false, false]);
  const join = (axis: number) => isChannelConcat(b.op("Concat", [x, x], { axis }).producer as Node);
  expect([1, -3, 3].map(join)).toEqual([true, true, false]);
});
