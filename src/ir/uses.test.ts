import { expect, test } from "vitest";
import { newGraph } from "../ops/new-graph.ts";
import { tensor } from "./tensor.ts";
import { usesOf } from "./uses.ts";

test("who reads a value, whether the graph gives it out, and whether it holds its content", () => {
  const b = newGraph("uses");
  const x = b.input("x", "float32", [2]);
  const [stored, fed] = ["w", "v"].map((name) => b.parameter(name, tensor([2], [3, 4])));
  b.feed([fed]);
  const square = b.op("Mul", [x, x]);
  const scaled = b.op("Mul", [square, stored]);
  const sum = b.op("Add", [scaled, fed]);
  b.output("y", sum);
  b.output("scaled", scaled);
  const uses = usesOf(b.build());
  const ops = (value: typeof x) => uses.readersOf(value).map(({ op }) => op);
  expect([x, square, scaled, sum].map(ops)).toEqual([["Mul", "Mul"], ["Mul"], ["Add"], []]);
  expect([x, square, scaled, sum].map((value) => uses.onlyReader(value)?.op)).toEqual([
    undefined,
    "Mul",
    undefined,
    undefined,
  ]);
  expect([square, scaled].map(uses.isOutput)).toEqual([false, true]);
  expect([stored, fed, x, square, null].map(uses.isStored)).toEqual([true, false, false, false, false]);
});
