import { describe, expect, it } from "vitest";
import { needs } from "../../test/support/needs.ts";
import { expectReference, runOnOnednn } from "../../test/support/on-onednn.ts";
import { oneDnnHere } from "../../test/support/onednn-here.ts";
import { randomTensor } from "../analysis/random-feeds.ts";
import { randomStream } from "../base/random.ts";
import type { GraphBuilder } from "../ir/builder.ts";
import { type Graph, knownShape, type Value } from "../ir/graph.ts";
import type { Tensor } from "../ir/tensor.ts";
import { newGraph } from "../ops/new-graph.ts";
import { differentiate } from "../passes/training/differentiate.ts";

const isThere = await oneDnnHere();

type Build = (b: GraphBuilder) => Value;

/** Graphs in which values lie or are repeated in ways that one operator alone does not show. */
const cases: Readonly<Record<string, Build>> = {
  "a number a channel, appended on vectors": (b) => {
    const [x, c] = [input(b, "x", [2, 4, 1, 1]), input(b, "c", [1, 4, 1, 1])];
    return b.op("Add", [b.op("Mul", [x, c]), c]);
  },
  "a number an image, and one a channel, on vectors": (b) => {
    const [x, n, c] = [input(b, "x", [3, 32, 1, 1]), input(b, "n", [3, 1, 1, 1]), input(b, "c", [32, 1, 1])];
    return b.op("Sub", [b.op("Mul", [x, n]), c]);
  },
  "a map of three axes beside one of four": (b) => {
    const x = b.op("Relu", [convolved(b, input(b, "x", [1, 16, 5, 5]), [16, 16, 3, 3], [1, 1, 1, 1])]);
    return b.op("Add", [x, input(b, "other", [16, 5, 5])]);
  },
  "a row beside a map as wide as it has channels": (b) =>
    b.op("Add", [convolved(b, input(b, "x", [2, 16, 16, 16]), [16, 16, 1, 1]), input(b, "row", [16])]),
  "a window on a pixel, and what follows it": (b) =>
    b.op("Relu", [convolved(b, input(b, "x", [2, 16, 1, 1]), [8, 16, 3, 3], [1, 1, 1, 1])]),
  "a padded pixel": (b) =>
    b.op("Sigmoid", [convolved(b, input(b, "x", [2, 16, 1, 1]), [8, 16, 1, 1], [1, 0, 1, 2])]),
  "numbers divided by a map": (b) => {
    const x = b.op("Exp", [input(b, "x", [2, 16, 4, 4])]);
    return b.op("Div", [input(b, "c", [1, 16, 1, 1]), x]);
  },
  "a gate a pixel": (b) => {
    const x = convolved(b, input(b, "x", [2, 16, 4, 4]), [16, 16, 3, 3], [1, 1, 1, 1]);
    return b.op("Mul", [x, b.op("Sigmoid", [convolved(b, x, [1, 16, 1, 1])])]);
  },
  "one value twice in a chain": (b) => {
    const x = b.op("Tanh", [input(b, "x", [2, 24, 3, 3])]);
    return b.op("Add", [b.op("Mul", [x, x]), b.op("Mul", [x, b.op("Sub", [b.constant(1), x])])]);
  },
};

function input(b: GraphBuilder, name: string, shape: readonly number[]): Value {
  return b.input(name, "float32", shape);
}

function convolved(
  b: GraphBuilder,
  x: Value,
  shape: readonly number[],
  pads: readonly number[] = [0, 0, 0, 0],
): Value {
  const weights = input(b, `w${b.build().inputs.length}`, shape);
  return b.op("Conv", [x, weights], { kernel_shape: shape.slice(2), pads });
}

describe.each(Object.entries(cases))("%s", (_name, build) => {
  it("is computed as by the reference, with its gradients", async (context) => {
    needs(context, "oneDNN's library", isThere);
    const { graph, feeds } = withGradients(build);
    await expectReference(graph, feeds);
  });
});

function withGradients(build: Build): { graph: Graph; feeds: Record<string, Tensor> } {
  const b = newGraph("case");
  const y = build(b);
  const weights = b.constant(randomTensor(knownShape(y), randomStream(9)));
  const loss = b.op("ReduceSum", [b.op("Mul", [y, weights])], { keepdims: 0 });
  const { inputs } = b.build();
  b.output("y", y);
  for (const [i, gradient] of differentiate(b, b.build(), loss, inputs).entries()) {
    b.output(`gradient.${i}`, gradient);
  }
  return { graph: b.build(), feeds: feedsOf(b.build()) };
}

function feedsOf({ inputs }: Graph): Record<string, Tensor> {
  return Object.fromEntries(
    inputs.map(({ name = "", shape }, i) => [name, randomTensor(shape.map(Number), randomStream(i))]),
  );
}

describe("states", () => {
  /** What follows from a state and a tensor that is no state, under the state's name. */
  function stepOf(
    shape: readonly number[],
    next: (b: GraphBuilder, state: Value, by: Value) => Value,
    by = shape,
  ) {
    const b = newGraph("states");
    const state = b.input("p", "float32", shape);
    b.output("next/p", next(b, state, input(b, "by", by)));
    return b.build();
  }

  it.for([
    ["of the same sizes", stepOf([16, 3, 3, 3], (b, p, by) => b.op("Sub", [p, by]))],
    ["repeated", stepOf([16, 3, 3, 3], (b, p, by) => b.op("Mul", [p, by]), [16, 1, 1, 1])],
    [
      "of more numbers than a piece",
      stepOf([300_000], (b, p, by) => b.op("Add", [b.op("Mul", [p, by]), by])),
    ],
  ] as const)("change by tensors %s", async ([_name, graph], context) => {
    needs(context, "oneDNN's library", isThere);
    await expectReference(graph, feedsOf(graph));
  });

  it("are read as they were by what is computed after their successors", async (context) => {
    needs(context, "oneDNN's library", isThere);
    const b = newGraph("order");
    const [p, q, by] = ["p", "q", "by"].map((name) => input(b, name, [40]));
    b.output("next/p", b.op("Add", [p, by]));
    b.output("next/q", b.op("Mul", [b.op("Add", [q, p]), by]));
    await expectReference(b.build(), feedsOf(b.build()));
  });

  it("that lie in different orders change together", async (context) => {
    needs(context, "oneDNN's library", isThere);
    const b = newGraph("orders");
    const x = input(b, "x", [2, 16, 6, 6]);
    const [weights, others] = ["weights", "others"].map((name) => input(b, name, [16, 16, 3, 3]));
    b.output("y", b.op("Conv", [x, weights], { kernel_shape: [3, 3] })); // in the order that it likes
    b.output("sum", b.op("ReduceSum", [others], { keepdims: 0 })); // in rows
    b.output("next/weights", b.op("Add", [weights, others]));
    b.output("next/others", b.op("Sub", [others, weights]));
    await expectReference(b.build(), feedsOf(b.build()));
  });

  it("must have all their numbers", async (context) => {
    needs(context, "oneDNN's library", isThere);
    const graph = stepOf([16, 3, 3, 3], (b, p, by) => b.op("Sub", [p, by]));
    const few: Tensor = { dtype: "float32", shape: [4], data: new Float32Array(4) };
    await expect(runOnOnednn(graph, { p: few, by: few })).rejects.toThrow(
      "oneDNN: expected 432 numbers in float32 for [16, 3, 3, 3], found 4; give all of them.",
    );
  });
});
