import { describe, expect, it } from "vitest";
import { largestError } from "../../../test/support/compare.ts";
import { evaluate } from "../../../test/support/evaluate.ts";
import { randomTensor } from "../../../test/support/gradient-check.ts";
import type { GraphBuilder } from "../../ir/builder.ts";
import type { Graph, Value } from "../../ir/graph.ts";
import { conv2d } from "../../nn/conv2d.ts";
import { squeezeExcite } from "../../nn/se.ts";
import { newGraph } from "../../ops/new-graph.ts";
import { verify } from "../../ops/verify.ts";
import { earlySqueeze } from "./early-squeeze.ts";
import { scaleByConvolution } from "./scale-by-convolution.ts";

const graphOf = (shape: (number | string)[], squeeze: "avg" | "none" = "avg", before = conv): Graph => {
  const b = newGraph("net");
  const x = b.input("x", "float32", shape);
  b.output("y", squeezeExcite(b, "se", before(b, x), { reduction: 2, squeeze }));
  return b.build();
};

function conv(b: GraphBuilder, x: Value): Value {
  return conv2d(b, "conv", x, { out: 12, bias: true });
}

describe("scaleByConvolution", () => {
  it.each([
    [
      "the filters, where they are not many more than the map's elements",
      [1, 4, 5, 4],
      ["GlobalAveragePool", "Mul", "Mul"],
    ],
    ["each channel alone, where they are not", [1, 4, 1, 2], ["GlobalAveragePool"]],
  ])("lets gates scale %s", (_, shape, ops) => {
    const graph = graphOf(shape);
    const { graph: scaled, applied, skipped } = scaleByConvolution(earlySqueeze(graph).graph);
    verify(scaled);
    expect([applied, skipped]).toEqual([["se"], []]);
    expect(scaled.nodes.map(({ op }) => op).filter((op) => /Pool|Mul/.test(op))).toEqual(ops);
    const last = scaled.outputs[0].value.producer;
    expect([last?.op, last?.attrs.group]).toEqual(["Conv", ops.length === 1 ? 12 : 1]);
    const feeds = { x: randomTensor(shape, 5) };
    expect(largestError(evaluate(scaled, feeds).y, evaluate(graph, feeds).y)).toBeLessThan(1e-6);
  });

  it("scales each channel alone where the gates wait for the convolution", () => {
    const graph = graphOf([1, 4, 5, 4]);
    const { graph: scaled } = scaleByConvolution(graph);
    verify(scaled);
    expect(scaled.outputs[0].value.producer?.attrs.group).toBe(12);
    const feeds = { x: randomTensor([1, 4, 5, 4], 5) };
    expect(largestError(evaluate(scaled, feeds).y, evaluate(graph, feeds).y)).toBeLessThan(1e-6);
  });

  it.each<[string, Graph, string]>([
    [
      "several images",
      graphOf([2, 4, 5, 4]),
      "each of several images has gates of its own, and a convolution one set of weights",
    ],
    [
      "any number of images",
      graphOf(["N", 4, 5, 4]),
      "each of several images has gates of its own, and a convolution one set of weights",
    ],
    ["NoSqueeze", graphOf([1, 4, 5, 4], "none"), "it does not scale a map by one number per channel"],
  ])("leaves the product as it is, and says why: %s", (_, graph, why) => {
    expect(scaleByConvolution(graph)).toEqual({ graph, applied: [], skipped: [{ where: "se", why }] });
  });
});
