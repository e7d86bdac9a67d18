import { expect, test } from "vitest";
import { largestError } from "../../../test/support/compare.ts";
import { evaluate } from "../../../test/support/evaluate.ts";
import { randomTensor } from "../../../test/support/gradient-check.ts";
import { type Graph, parametersOf } from "../../ir/graph.ts";
import { conv2d } from "../../nn/conv2d.ts";
import { newGraph } from "../../ops/new-graph.ts";
import { verify } from "../../ops/verify.ts";
import { insertSE } from "./insert-se.ts";
import { matchSE } from "./match-se.ts";
import { stripSE } from "./strip-se.ts";

/** A convolution and a ReLU; its weight may be fed at every run instead of being stored. */
function net(isFed: boolean): Graph {
  const b = newGraph("net");
  const x = b.input("x", "float32", [1, 2, 4, 4]);
  b.output("y", b.op("Neg", [b.op("Relu", [conv2d(b, "conv", x, { out: 3, kernel: 3 })])]));
  const graph = b.build();
  return isFed ? { ...graph, inputs: [...graph.inputs, ...parametersOf(graph)] } : graph;
}

const feeds = { x: randomTensor([1, 2, 4, 4], 1), "conv.weight": randomTensor([3, 2, 3, 3], 2) };

test("a stored weight takes up what makes up for a gate's constant", () => {
  const { graph, blocks } = insertSE(net(false), { minimumHidden: 2 });
  expect(blocks.map(({ balancedBy }) => balancedBy)).toEqual(["weights"]);
  const gates = new Map(matchSE(graph).map((block) => [block, new Float32Array(3).fill(0.5)]));
  expect(stripSE(graph, gates).stripped.map(({ keptBy }) => keptBy)).toEqual(["weights"]);
});

test("a weight that is fed takes up nothing: what is fed would undo it", () => {
  const { graph, blocks } = insertSE(net(true), { minimumHidden: 2 });
  verify(graph);
  expect(blocks.map(({ balancedBy }) => balancedBy)).toEqual(["gate"]);
  expect(largestError(evaluate(graph, feeds).y, evaluate(net(true), feeds).y)).toBeLessThan(1e-12);

  const gates = new Map(matchSE(graph).map((block) => [block, new Float32Array(3).fill(1)]));
  const { graph: without, stripped } = stripSE(graph, gates);
  expect(stripped.map(({ keptBy }) => keptBy)).toEqual(["map"]);
  expect(largestError(evaluate(without, feeds).y, evaluate(net(true), feeds).y)).toBeLessThan(1e-12);
});
