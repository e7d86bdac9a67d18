import { expect, test } from "vitest";
import { operators } from "./index.ts";
import { isElementWise, isPairwise, isView, oneOf } from "./predicates.ts";

const all = Object.keys(operators).map((op) => ({ op }));
const namesOf = (has: (node: { op: string }) => boolean) => all.filter(has).map(({ op }) => op);

test("views are what copies nothing", () => {
  expect(namesOf(isView)).toEqual(["Dropout", "Flatten", "Identity", "Reshape", "Squeeze", "Unsqueeze"]);
});

test("element-wise operators with two inputs that broadcast are arithmetic", () => {
  expect(namesOf(isPairwise)).toEqual(["Add", "Div", "Mul", "Pow", "Sub"]);
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
