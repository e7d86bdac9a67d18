import { describe, expect, it } from "vitest";
import { evaluate } from "../../../test/support/evaluate.ts";
import { randomTensor } from "../../../test/support/gradient-check.ts";
import type { Value } from "../../ir/graph.ts";
import { newGraph } from "../../ops/new-graph.ts";
import { verify } from "../../ops/verify.ts";
import { foldExpands } from "./fold-expands.ts";

type Build = (b: ReturnType<typeof newGraph>, map: Value, gate: Value) => Value;

const expand: (b: ReturnType<typeof newGraph>, x: Value) => Value = (b, x) =>
  b.op("Expand", [x, b.constant([2, 3, 4, 4])]);

describe("foldExpands", () => {
  it.each<[string, Build, string[]]>([
    ["on the left", (b, map, gate) => b.op("Sub", [expand(b, gate), map]), ["Sub"]],
    ["on the right", (b, map, gate) => b.op("Div", [map, expand(b, gate)]), ["Div"]],
    // One of them has to give the shape.
    ["both sides", (b, _, gate) => b.op("Mul", [expand(b, gate), expand(b, gate)]), ["Expand", "Mul"]],
    [
      "not through another operator",
      (b, map, gate) => b.op("Relu", [b.op("Add", [map, b.op("Relu", [expand(b, gate)])])]),
      ["Expand", "Relu", "Add", "Relu"],
    ],
  ])("%s", (_, build, ops) => {
    const b = newGraph("fold");
    const map = b.input("map", "float32", [2, 3, 4, 4]);
    const gate = b.input("gate", "float32", [2, 3, 1, 1]);
    b.output("y", build(b, map, gate));
    const graph = b.build();
    const folded = foldExpands(graph);
    verify(folded);
    expect(folded.nodes.map(({ op }) => op)).toEqual(ops);
    const feeds = { map: randomTensor([2, 3, 4, 4], 1), gate: randomTensor([2, 3, 1, 1], 2) };
    expect(evaluate(folded, feeds)).toEqual(evaluate(graph, feeds));
  });
});
