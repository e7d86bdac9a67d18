import { describe, expect, it } from "vitest";
import { blockHere } from "../../../test/support/block-here.ts";
import { largestError } from "../../../test/support/compare.ts";
import { evaluate } from "../../../test/support/evaluate.ts";
import { fed, tensorOf } from "../../../test/support/operator-case.ts";
import type { GraphBuilder } from "../../ir/builder.ts";
import { knownShape, type Value } from "../../ir/graph.ts";
import { newGraph } from "../../ops/new-graph.ts";
import { verify } from "../../ops/verify.ts";
import { toRef } from "../../reference/ref-tensor.ts";
import { executeGraph } from "../../runtime/execute-graph-node.ts";
import { fuseSums } from "./fuse-sums.ts";

const SHAPE = [2, 16, 32, 32];

type Sum = (b: GraphBuilder, x: Value, y: Value, norm: (map: Value) => Value) => Value;

/** A sum of maps, none of which is an input; `norm` is a BatchNormalization. */
function graphOf(sum: Sum, shape: readonly number[] = SHAPE) {
  const b = newGraph("sums");
  const map = (name: string) => b.op("Tanh", [b.input(name, "float32", shape)]);
  const numbers = ["scale", "shift", "mean", "variance"].map((name) => b.input(name, "float32", [shape[1]]));
  const positive = [...numbers.slice(0, 3), b.op("Mul", [numbers[3], numbers[3]])];
  const norm = (value: Value) => b.op("BatchNormalization", [value, ...positive], { epsilon: 0.01 });
  b.output("z", sum(b, map("x"), map("y"), norm));
  return b.build();
}

const operatorsOf = (sum: Sum, shape?: readonly number[]) =>
  fuseSums(graphOf(sum, shape), 16)
    .nodes.map(({ op }) => op)
    .filter((op) => !["Tanh", "Mul", "Reshape"].includes(op));

const add: Sum = (b, x, y) => b.op("Add", [x, y]);
const rectified: Sum = (b, x, y) => b.op("Relu", [b.op("Add", [x, y])]);

describe("fuseSums", () => {
  it.for<[string, Sum, number]>([
    ["a sum and ReLU", rectified, 1],
    ["a normalized term", (b, x, y, norm) => b.op("Add", [norm(x), y]), 1],
    ["the second term normalized, and ReLU", (b, x, y, norm) => b.op("Relu", [b.op("Add", [x, norm(y)])]), 1],
    ["both normalized", (b, x, y, norm) => b.op("Add", [norm(x), norm(y)]), 1],
    ["a term that is read again", (b, x, y) => b.op("Add", [b.op("Relu", [b.op("Add", [x, y])]), x]), 1],
  ])("computes the same on the engine: %s", async ([_, sum, fused], context) => {
    const graph = graphOf(sum);
    const tensors = Object.fromEntries(
      graph.inputs.map((input, i) => [input.name ?? "", tensorOf(fed(knownShape(input)), i)]),
    );
    const feeds = Object.fromEntries(Object.entries(tensors).map(([name, value]) => [name, toRef(value)]));
    const expected = evaluate(graph, feeds);
    const block = await blockHere(context);
    const nchwc = fuseSums(graph, block);
    verify(nchwc);
    expect(nchwc.nodes.filter(({ op }) => op === "NchwcConv")).toHaveLength(fused);
    const found = await executeGraph(nchwc, tensors, { threads: 1 });
    expect(largestError(toRef(found.z), expected.z)).toBeLessThan(1e-5);
  });

  it("leaves other sums as they are", () => {
    expect(operatorsOf(add)).toEqual(["Add"]); // nothing to do in the same pass
    expect(operatorsOf(rectified, [2, 4, 4, 4])).toEqual(["Add", "Relu"]); // in the cache
    expect(
      operatorsOf((b, x, y) => b.op("Add", [rectified(b, x, y, (z) => z), b.op("Add", [x, y])])),
    ).toEqual(
      ["Add", "Relu", "Add", "Add"], // both terms are read again
    );
    expect(
      operatorsOf((b, x, y) => b.op("Relu", [b.op("Add", [x, b.op("ReduceMean", [y, b.constant([0])])])])),
    ).not.toContain(
      "NchwcConv", // broadcasts
    );
  });
});
