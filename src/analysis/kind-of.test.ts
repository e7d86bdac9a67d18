import { expect, it } from "vitest";
import { smallNet } from "../../test/support/small-net.ts";
import type { GraphBuilder } from "../ir/builder.ts";
import type { Graph, Value } from "../ir/graph.ts";
import { createModel } from "../models/create-model.ts";
import { newGraph } from "../ops/new-graph.ts";
import { sgd } from "../train/step/optimizers.ts";
import { composeTrainStep } from "../train/step/train-step.ts";
import { kindOf } from "./kind-of.ts";

function kindOfLast(make: (b: GraphBuilder, x: Value) => Value): string {
  const b = newGraph("kind");
  b.output("y", make(b, b.input("x", "float32", [1, 4, 2, 2])));
  return b.build().nodes.map(kindOf).at(-1) ?? "";
}

/** The kinds of the nodes of each operator in a graph. */
function kindsIn({ nodes }: Graph): Record<string, string> {
  const found = new Map<string, Set<string>>();
  for (const node of nodes) found.set(node.op, (found.get(node.op) ?? new Set()).add(kindOf(node)));
  return Object.fromEntries([...found].map(([op, own]) => [op, [...own].sort().join(" ")]));
}

it("tells what each node of a network does", () => {
  expect(kindsIn(createModel("seresnet8"))).toEqual({
    Add: "sum",
    BatchNormalization: "normalization",
    Conv: "convolution",
    Flatten: "other",
    Gemm: "linear",
    GlobalAveragePool: "pooling",
    Mul: "scale",
    Relu: "activation",
    Sigmoid: "activation",
  });
  expect(kindsIn(createModel("seshufflenet_g3_w1"))).toMatchObject({
    AveragePool: "pooling",
    Concat: "other",
    MaxPool: "pooling",
    Reshape: "other",
    Transpose: "other",
  });
  expect(kindsIn(createModel("efficientnet_b0"))).toMatchObject({
    Dropout: "other",
    Mul: "activation scale",
  });
  expect(kindsIn(createModel("shakeshake26_2x96d"))).toMatchObject({ ShakeMean: "sum", Pad: "other" });
});

it("tells what each gradient of a training step does", () => {
  const { graph } = composeTrainStep(smallNet(), { batch: 2, optimizer: sgd() });
  expect(kindsIn(graph)).toMatchObject({
    AveragePoolGrad: "pooling",
    BatchNormGrad: "normalization",
    BatchNormTrain: "normalization",
    ConvGradInput: "convolution",
    ConvGradWeight: "convolution",
    DropoutTrain: "other",
    HardSigmoidGrad: "activation",
    MaxPoolGrad: "pooling",
    ReluGrad: "activation",
    ShakeShake: "sum",
  });
});

it("tells products of two maps from products with a constant and from SiLU", () => {
  const sigmoid = (b: GraphBuilder, x: Value) => b.op("Sigmoid", [x]);
  expect(kindOfLast((b, x) => b.op("Mul", [x, b.op("GlobalAveragePool", [x])]))).toBe("scale");
  expect(kindOfLast((b, x) => b.op("Mul", [b.constant(0.17), x]))).toBe("other");
  expect(kindOfLast((b, x) => b.op("Mul", [x, sigmoid(b, x)]))).toBe("activation");
  expect(kindOfLast((b, x) => b.op("Mul", [b.op("HardSigmoid", [x]), x]))).toBe("activation");
  expect(kindOfLast((b, x) => b.op("Mul", [x, sigmoid(b, b.op("GlobalAveragePool", [x]))]))).toBe("scale");
  expect(kindOfLast((b, x) => b.op("Mul", [x, sigmoid(b, b.op("Add", [x, b.op("Relu", [x])]))]))).toBe(
    "scale",
  );
  expect(kindOfLast((b, x) => b.op("Mul", [x, x]))).toBe("scale");
});

it("knows HardSwish written out", () => {
  const gate = (b: GraphBuilder, x: Value) =>
    b.op("Clip", [b.op("Add", [x, b.constant(3)]), b.constant(0), b.constant(6)]);
  expect(kindOfLast((b, x) => b.op("Mul", [x, gate(b, x)]))).toBe("activation");
  expect(kindOfLast((b, x) => b.op("Mul", [gate(b, b.op("Relu", [x])), b.op("Neg", [x])]))).toBe("scale");
});

it("tells sums of two maps from a bias", () => {
  expect(kindOfLast((b, x) => b.op("Add", [x, b.op("Relu", [x])]))).toBe("sum");
  expect(kindOfLast((b, x) => b.op("Add", [x, b.constant(1)]))).toBe("other");
});
