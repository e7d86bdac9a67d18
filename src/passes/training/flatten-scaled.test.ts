import { describe, expect, it } from "vitest";
import { fed, tensorOf } from "../../../test/support/operator-case.ts";
import { newGraph } from "../../ops/new-graph.ts";
import { verify } from "../../ops/verify.ts";
import { executeGraph } from "../../runtime/execute-graph-node.ts";
import { flattenScaled } from "./flatten-scaled.ts";

/** number − x. */
function graphOf(shape: readonly number[], number: readonly number[]) {
  const b = newGraph("scaled");
  b.output("y", b.op("Sub", [b.input("n", "float32", number), b.input("x", "float32", shape)]));
  return b.build();
}

const operatorsOf = (shape: number[], number: number[] = []) =>
  flattenScaled(graphOf(shape, number)).nodes.map(({ op }) => op);

describe("flattenScaled", () => {
  it.each([[[]], [[1]], [[1, 1, 1, 1]]])("computes the same with a number of shape %j", async (number) => {
    const graph = graphOf([5, 3, 1, 1], number);
    const flattened = flattenScaled(graph);
    verify(flattened);
    expect(flattened.nodes.map(({ op }) => op)).toContain("Reshape");
    const feeds = { n: tensorOf(fed(number), 0), x: tensorOf(fed([5, 3, 1, 1]), 1) };
    const [expected, found] = await Promise.all(
      [graph, flattened].map((each) => executeGraph(each, feeds, { threads: 1 })),
    );
    expect(found).toEqual(expected);
  });

  it("leaves what the engine does well as it is", () => {
    expect(operatorsOf([5, 3])).toEqual(["Sub"]);
    expect(operatorsOf([5, 1], [5, 1])).toEqual(["Sub"]); // two tensors of one shape
    expect(operatorsOf([1, 1])).toEqual(["Sub"]); // two numbers
  });
});
