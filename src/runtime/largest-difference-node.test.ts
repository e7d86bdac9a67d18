import { expect, it } from "vitest";
import { messageOf } from "../../test/support/data-fixtures.ts";
import { tensor } from "../ir/tensor.ts";
import { newGraph } from "../ops/new-graph.ts";
import { largestDifference } from "./largest-difference-node.ts";

/** y = x · factor */
function product(factor: number) {
  const b = newGraph("product");
  b.output("y", b.op("Mul", [b.input("x", "float32", ["N", 3]), b.constant(tensor([1], [factor]))]));
  return b.build();
}

it("is relative to the largest output, and infinite for a second graph that gives NaN", async () => {
  const { absolute, relative } = await largestDifference(product(2), product(2.5), { threads: 1 });
  expect(relative).toBeCloseTo(0.25, 6);
  expect(absolute).toBeGreaterThan(0);
  expect((await largestDifference(product(1), product(Number.NaN))).relative).toBe(Number.POSITIVE_INFINITY);
});

it("refuses a first graph that gives NaN or infinity", async () => {
  for (const factor of [Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(await messageOf(() => largestDifference(product(factor), product(1)))).toMatch(
      /^graph: product: expected finite numbers in y for random inputs, found -?(NaN|Infinity); check the network's weights\.$/,
    );
  }
});
