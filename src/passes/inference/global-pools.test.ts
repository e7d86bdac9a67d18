import { describe, expect, it } from "vitest";
import { evaluate } from "../../../test/support/evaluate.ts";
import { randomTensor } from "../../../test/support/gradient-check.ts";
import type { DType } from "../../ir/dtype.ts";
import type { Graph } from "../../ir/graph.ts";
import { newGraph } from "../../ops/new-graph.ts";
import { verify } from "../../ops/verify.ts";
import { globalPools } from "./global-pools.ts";

const meanOver = (axes: number[], keepdims: number, dtype: DType = "float32") => {
  const b = newGraph("mean");
  const x = b.input("x", dtype, ["N", 3, 4, 5]);
  b.output(
    "y",
    b.scope("pool", () => b.op("ReduceMean", [x, b.constant(axes)], { keepdims })),
  );
  return b.build();
};

describe("globalPools", () => {
  it.each([
    [[2, 3], 1, ["GlobalAveragePool"]],
    [[-1, -2], 1, ["GlobalAveragePool"]],
    [[2, 3], 0, ["GlobalAveragePool", "Flatten"]],
  ])("a mean over %j, keepdims %i", (axes, keepdims, ops) => {
    const graph = meanOver(axes, keepdims);
    const { graph: pooled, applied, skipped } = globalPools(graph);
    verify(pooled);
    expect([applied, skipped]).toEqual([["pool"], []]);
    expect(pooled.nodes.map(({ op }) => op)).toEqual(ops);
    const feeds = { x: randomTensor([2, 3, 4, 5], 1) };
    const { y: expected } = evaluate(graph, feeds);
    expect(evaluate(pooled, feeds).y).toEqual(expected);
  });

  it("leaves other means as they are, and says why", () => {
    const whyNot = (graph: Graph) => {
      const { skipped, ...rest } = globalPools(graph);
      expect(rest).toEqual({ graph, applied: [] });
      return skipped;
    };
    const others = "it is a mean over axes 1, not over height and width";
    expect(whyNot(meanOver([1], 1))).toEqual([{ where: "pool", why: others }]);
    const integers = "it is a mean of int32, which engines pool as float32 only";
    expect(whyNot(meanOver([2, 3], 1, "int32"))).toEqual([{ where: "pool", why: integers }]);
  });
});
