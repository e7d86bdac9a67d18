import { describe, expect, it } from "vitest";
import { evaluate } from "../../../test/support/evaluate.ts";
import { randomTensor } from "../../../test/support/gradient-check.ts";
import { newGraph } from "../../ops/new-graph.ts";
import { verify } from "../../ops/verify.ts";
import { globalPools } from "./global-pools.ts";

const meanOver = (axes: number[], keepdims: number) => {
  const b = newGraph("mean");
  const x = b.input("x", "float32", ["N", 3, 4, 5]);
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
    const graph = meanOver([1], 1);
    const why = "it is a mean over axes 1, not over height and width";
    expect(globalPools(graph)).toEqual({ graph, applied: [], skipped: [{ where: "pool", why }] });
  });
});
