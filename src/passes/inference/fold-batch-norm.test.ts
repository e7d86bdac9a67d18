import { describe, expect, it } from "vitest";
import { largestError } from "../../../test/support/compare.ts";
import { evaluate } from "../../../test/support/evaluate.ts";
import { randomTensor } from "../../../test/support/gradient-check.ts";
import { normal, randomStream } from "../../base/random.ts";
import type { GraphBuilder } from "../../ir/builder.ts";
import { type Graph, parametersOf, type Value } from "../../ir/graph.ts";
import { type Tensor, tensor } from "../../ir/tensor.ts";
import { createModel } from "../../models/create-model.ts";
import { newGraph } from "../../ops/new-graph.ts";
import { verify } from "../../ops/verify.ts";
import { foldBatchNorm } from "./fold-batch-norm.ts";

const drawn = (seed: number, shape: number[], of = (x: number) => x): Tensor => {
  const random = randomStream(seed);
  const length = shape.reduce((product, dim) => product * dim, 1);
  return tensor(
    shape,
    Float32Array.from({ length }, () => of(normal(random))),
  );
};

/** A normalization with statistics of its own, as after training. */
function norm(b: GraphBuilder, x: Value, seed: number, channels = 4): Value {
  return b.scope(`bn${seed}`, () => {
    const vector = (name: string, at: number, of?: (x: number) => number) =>
      b.parameter(name, drawn(10 * seed + at, [channels], of));
    return b.op(
      "BatchNormalization",
      [
        x,
        vector("weight", 1),
        vector("bias", 2),
        vector("running_mean", 3),
        vector("running_var", 4, (v) => 0.1 + v * v),
      ],
      { epsilon: 1e-3 },
    );
  });
}

function conv(b: GraphBuilder, x: Value, shape: number[], { bias = false, group = 1, name = "conv" } = {}) {
  return b.scope(name, () =>
    b.op(
      "Conv",
      [
        x,
        b.parameter("weight", drawn(1, shape)),
        ...(bias ? [b.parameter("bias", drawn(2, [shape[0]]))] : []),
      ],
      { kernel_shape: shape.slice(2), group, pads: [1, 1, 1, 1] },
    ),
  );
}

const graphOf = (build: (b: GraphBuilder, x: Value) => Value): Graph => {
  const b = newGraph("net");
  b.output("y", build(b, b.input("x", "float32", [2, 2, 5, 4])));
  return b.build();
};
const feeds = { x: randomTensor([2, 2, 5, 4], 7) };

describe("foldBatchNorm", () => {
  it.each<[string, (b: GraphBuilder, x: Value) => Value]>([
    ["without a bias", (b, x) => norm(b, conv(b, x, [4, 2, 3, 3]), 1)],
    ["with a bias", (b, x) => norm(b, conv(b, x, [4, 2, 3, 3], { bias: true }), 1)],
    ["with groups", (b, x) => norm(b, conv(b, x, [4, 1, 3, 3], { group: 2 }), 1)],
  ])("gives the same function: %s", (_, build) => {
    const graph = graphOf(build);
    const { graph: folded, applied, skipped } = foldBatchNorm(graph);
    verify(folded);
    expect([applied, skipped]).toEqual([["bn1"], []]);
    expect(folded.nodes.map(({ op }) => op)).toEqual(["Conv"]);
    expect(parametersOf(folded).map(({ name }) => name)).toEqual(["conv.weight", "conv.bias"]);
    expect(largestError(evaluate(folded, feeds).y, evaluate(graph, feeds).y)).toBeLessThan(1e-6);
  });

  it.each<[string, string, (b: GraphBuilder, x: Value) => Value]>([
    [
      "what it normalizes is read twice",
      "what its convolution gives is read elsewhere too",
      (b, x) => {
        const y = conv(b, x, [4, 2, 3, 3]);
        return b.op("Add", [norm(b, y, 1), y]);
      },
    ],
    [
      "before the convolution",
      "it normalizes what Relu gives, not a convolution",
      (b, x) => conv(b, norm(b, b.op("Relu", [x]), 1, 2), [4, 2, 3, 3]),
    ],
    ["what is fed", "it normalizes what is fed, not what a convolution gives", (b, x) => norm(b, x, 1, 2)],
    [
      "weights that two layers share",
      "the weights of its convolution are used by another layer too",
      (b, x) => {
        const first = conv(b, x, [4, 2, 3, 3]);
        const weight = first.producer?.inputs[1] ?? null;
        const again = b.op("Conv", [x, weight], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] });
        return b.op("Add", [norm(b, first, 1), again]);
      },
    ],
    [
      "weights that are fed",
      "its weights are not stored in the graph",
      (b, x) => {
        const y = conv(b, x, [4, 2, 3, 3]);
        const weight = y.producer?.inputs[1];
        if (weight) b.feed([weight]);
        return norm(b, y, 1);
      },
    ],
  ])("stays where it cannot be folded, and says why: %s", (_, why, build) => {
    const graph = graphOf(build);
    const { graph: same, applied, skipped } = foldBatchNorm(graph);
    expect([applied, skipped]).toEqual([[], [{ where: "bn1", why }]]);
    expect(same.nodes.map(({ op }) => op)).toEqual(graph.nodes.map(({ op }) => op));
  });

  it("leaves no normalization in a ResNet", () => {
    const { graph, applied } = foldBatchNorm(createModel("seresnet50"));
    verify(graph);
    expect(applied.length).toBe(53);
    expect(applied[0]).toBe("bn1");
    expect(graph.nodes.some(({ op }) => op === "BatchNormalization")).toBe(false);
  });
});
