import { describe, expect, it } from "vitest";
import { largestError } from "../../../test/support/compare.ts";
import { evaluate } from "../../../test/support/evaluate.ts";
import { randomTensor } from "../../../test/support/gradient-check.ts";
import type { GraphBuilder } from "../../ir/builder.ts";
import type { Graph, Value } from "../../ir/graph.ts";
import { createModel } from "../../models/create-model.ts";
import { conv2d } from "../../nn/conv2d.ts";
import { squeezeExcite } from "../../nn/se.ts";
import { symmetric } from "../../ops/conv-shape.ts";
import { newGraph } from "../../ops/new-graph.ts";
import { verify } from "../../ops/verify.ts";
import { earlySqueeze } from "./early-squeeze.ts";
import { foldBatchNorm } from "./fold-batch-norm.ts";

const SHAPE = [2, 8, 5, 4];

const graphOf = (build: (b: GraphBuilder, x: Value) => Value, shape: (number | string)[] = SHAPE): Graph => {
  const b = newGraph("net");
  b.output("y", build(b, b.input("x", "float32", shape)));
  return b.build();
};

interface ConvShape {
  readonly kernel?: number;
  readonly groups?: number;
  readonly stride?: number;
}

/** A convolution of 8 channels to 12 that keeps the size, with a bias that is not zero. */
const conv = (b: GraphBuilder, x: Value, { kernel = 1, groups = 1, stride = 1 }: ConvShape = {}) =>
  b.scope("conv", () =>
    b.op("Conv", [x, stored(b, "weight", [12, 8 / groups, kernel, kernel], 1), stored(b, "bias", [12], 2)], {
      kernel_shape: [kernel, kernel],
      strides: [stride, stride],
      pads: symmetric((kernel - 1) / 2),
      group: groups,
    }),
  );

const se = (b: GraphBuilder, x: Value) => squeezeExcite(b, "se", x, { reduction: 2 });

/** An SE block whose layers are matrix products of [N,C], as many exporters write it. */
function flatBlock(
  b: GraphBuilder,
  x: Value,
  layer: (b: GraphBuilder, z: Value, name: string, shape: [number, number]) => Value,
) {
  return b.scope("se", () => {
    const z = b.op("Flatten", [b.op("ReduceMean", [x, b.constant([2, 3])])]);
    const hidden = b.op("Relu", [layer(b, z, "fc1", [12, 5])]);
    const gate = b.op("Sigmoid", [layer(b, hidden, "fc2", [5, 12])]);
    return b.op("Mul", [x, b.op("Reshape", [gate, b.constant([0, 12, 1, 1])])]);
  });
}

const stored = (b: GraphBuilder, name: string, shape: number[], seed: number) => {
  const { data } = randomTensor(shape, seed);
  return b.parameter(name, { dtype: "float32", shape, data: Float32Array.from(data) });
};

const cases: [string, (b: GraphBuilder, x: Value) => Value][] = [
  ["1×1", (b, x) => se(b, conv(b, x))],
  ["1×1 in groups", (b, x) => se(b, conv(b, x, { groups: 4 }))],
  ["3×3 with padding", (b, x) => se(b, conv(b, x, { kernel: 3 }))],
  ["3×3 in groups", (b, x) => se(b, conv(b, x, { kernel: 3, groups: 2 }))],
  [
    "3×3 on a map of one row",
    (b, x) => se(b, conv(b, b.op("MaxPool", [x], { kernel_shape: [5, 1] }), { kernel: 3 })),
  ],
  [
    "MatMul",
    (b, x) =>
      flatBlock(b, conv(b, x), (_, z, name, shape) =>
        b.op("Add", [
          b.op("MatMul", [z, stored(b, `${name}.weight`, shape, 3)]),
          stored(b, `${name}.bias`, [shape[1]], 4),
        ]),
      ),
  ],
  [
    "Gemm",
    (b, x) =>
      flatBlock(b, conv(b, x), (_, z, name, [width, out]) =>
        b.op("Gemm", [z, stored(b, `${name}.weight`, [out, width], 3), stored(b, `${name}.bias`, [out], 4)], {
          transB: 1,
        }),
      ),
  ],
];

describe("earlySqueeze", () => {
  it.each(cases)("gives the same function: %s", (_, build) => {
    const graph = graphOf(build);
    const { graph: early, applied, skipped } = earlySqueeze(graph);
    verify(early);
    expect([applied, skipped]).toEqual([["se"], []]);
    // The convolution's output is scaled, and read by nothing else.
    const map = early.nodes.find(({ op, scope }) => op === "Conv" && scope === "conv")?.outputs[0];
    expect(early.nodes.filter(({ inputs }) => inputs.includes(map ?? null)).map(({ op }) => op)).toEqual([
      "Mul",
    ]);
    const feeds = { x: randomTensor(SHAPE, 5) };
    expect(largestError(evaluate(early, feeds).y, evaluate(graph, feeds).y)).toBeLessThan(1e-6);
  });

  it.each<[string, string, (b: GraphBuilder, x: Value) => Value, (number | string)[]?]>([
    [
      "an activation",
      "Relu stands between the last convolution and the squeeze",
      (b, x) => se(b, b.op("Relu", [conv(b, x)])),
    ],
    ["what is fed", "nothing stands between the last convolution and the squeeze", se],
    [
      "BatchNormalization",
      "BatchNormalization stands between the last convolution and the squeeze",
      (b, x) =>
        se(
          b,
          b.op("BatchNormalization", [
            conv(b, x),
            ...[1, 2, 3, 4].map((seed) => stored(b, `${seed}`, [12], seed)),
          ]),
        ),
    ],
    [
      "a stride",
      "its last convolution has a stride or a dilation",
      (b, x) => se(b, conv(b, x, { stride: 2 })),
    ],
    [
      "5×5",
      "its last convolution is 5×5 with padding 2, neither 1×1 without nor 3×3 with 1",
      (b, x) => se(b, conv(b, x, { kernel: 5 })),
    ],
    [
      "a map of any size",
      "the size of the map that its last convolution reads is not known",
      (b, x) => se(b, conv(b, x, { kernel: 3 })),
      [2, 8, "H", "W"],
    ],
    [
      "NoSqueeze",
      "it has no squeeze, or one of several nodes",
      (b, x) => squeezeExcite(b, "se", conv(b, x), { reduction: 2, squeeze: "none" }),
    ],
    [
      "a window that padding moves off the map",
      "it has no squeeze, or one of several nodes",
      (b, x) => {
        const y = conv(b, x);
        const [height, width] = SHAPE.slice(2);
        const window = { kernel_shape: [height, width], strides: [height, width], pads: [1, 1, 1, 1] };
        return b.scope("se", () => {
          const mean = b.op("AveragePool", [y], window);
          return b.op("Mul", [y, b.op("Sigmoid", [conv2d(b, "fc", mean, { out: 12 })])]);
        });
      },
    ],
    [
      "one bias for all",
      "after the squeeze stands Gemm, not a layer of all channels with stored weights and as many biases as outputs",
      (b, x) =>
        flatBlock(b, conv(b, x), (_, z, name, shape) =>
          b.op("Gemm", [z, stored(b, `${name}.weight`, shape, 3), stored(b, `${name}.bias`, [1], 4)]),
        ),
    ],
    [
      "a layer of one channel, which scales the means",
      "after the squeeze stands Conv, not a layer of all channels with stored weights and as many biases as outputs",
      // ECA's kernel is 1×1 for a map of four channels.
      (b, x) => squeezeExcite(b, "se", conv2d(b, "conv", x, { out: 4 }), { excitation: "eca" }),
    ],
    [
      "a maximum",
      "its squeeze is GlobalMaxPool, and only a mean passes a convolution",
      (b, x) => {
        const y = conv(b, x);
        return b.scope("se", () =>
          b.op("Mul", [y, b.op("Sigmoid", [conv2d(b, "fc", b.op("GlobalMaxPool", [y]), { out: 12 })])]),
        );
      },
    ],
  ])("leaves the block as it is, and says why: %s", (_, why, build, shape) => {
    const graph = graphOf(build, shape);
    expect(earlySqueeze(graph)).toEqual({ graph, applied: [], skipped: [{ where: "se", why }] });
  });

  it("fires in every block of the paper's residual networks, once BatchNormalization is folded", () => {
    const { applied, skipped } = earlySqueeze(foldBatchNorm(createModel("seresnet50")).graph);
    expect([applied.length, applied[0], skipped]).toEqual([16, "layer1.0.se", []]);
  });
});
