import { describe, expect, it } from "vitest";
import { blockHere } from "../../../test/support/block-here.ts";
import { largestError } from "../../../test/support/compare.ts";
import { evaluate } from "../../../test/support/evaluate.ts";
import { fed, tensorOf } from "../../../test/support/operator-case.ts";
import { newGraph } from "../../ops/new-graph.ts";
import { verify } from "../../ops/verify.ts";
import { toRef } from "../../reference/ref-tensor.ts";
import { executeGraph } from "../../runtime/execute-graph-node.ts";
import { nchwcSums } from "./nchwc-sums.ts";

interface Case {
  readonly shape?: readonly number[];
  readonly axes?: readonly number[];
  readonly keepdims?: number;
  readonly product?: boolean;
}

/** Σ x or Σ x·y of maps [N, C, H, W] over some axes. */
function graphOf({ shape = [3, 5, 8, 12], axes = [0, 2, 3], keepdims = 0, product = false }: Case) {
  const b = newGraph("sums");
  const [x, y] = [b.input("x", "float32", shape), b.input("y", "float32", shape)];
  const summed = product ? b.op("Mul", [x, y]) : b.op("Add", [x, y]);
  b.output("sums", b.op("ReduceSum", [summed, b.constant(axes)], { keepdims }));
  return b.build();
}

const operatorsOf = (options: Case, block = 16) =>
  nchwcSums(graphOf(options), block).nodes.map(({ op }) => op);

describe("nchwcSums", () => {
  it.for<[string, Case]>([
    ["a map's channels", {}],
    ["channels of a product", { product: true }],
    ["each image's channels", { axes: [2, 3], keepdims: 1 }],
    ["each image's channels of a product", { axes: [2, 3], keepdims: 1, product: true }],
  ])("computes the same on the engine: %s", async ([_, options], context) => {
    const graph = graphOf(options);
    const [x, y] = [0, 1].map((i) => tensorOf(fed([3, 5, 8, 12]), i));
    const expected = evaluate(graph, { x: toRef(x), y: toRef(y) });
    const block = await blockHere(context);
    const nchwc = nchwcSums(graph, block);
    verify(nchwc);
    expect(nchwc.nodes.map(({ op }) => op)).toContain(
      options.product ? "NchwcConv" : "NchwcGlobalAveragePool",
    );
    const found = await executeGraph(nchwc, { x, y }, { threads: 1 });
    expect(found.sums.shape).toEqual(expected.sums.shape);
    expect(largestError(toRef(found.sums), expected.sums)).toBeLessThan(1e-5);
  });

  it("never writes a product that only a sum reads", () => {
    expect(operatorsOf({ product: true })).not.toContain("Mul");
  });

  it("leaves other sums as they are", () => {
    expect(operatorsOf({ shape: [3, 5, 5, 5] })).toEqual(["Add", "ReduceSum"]); // 25 pixels are no whole blocks
    expect(operatorsOf({ shape: [3, 5, 4, 4] })).toEqual(["Add", "ReduceSum"]); // one block: nothing to save
    expect(operatorsOf({ axes: [1] })).toEqual(["Add", "ReduceSum"]);
    expect(operatorsOf({ axes: [3] })).toEqual(["Add", "ReduceSum"]);
  });
});
