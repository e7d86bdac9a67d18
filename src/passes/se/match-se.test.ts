import { describe, expect, it } from "vitest";
import type { GraphBuilder } from "../../ir/builder.ts";
import type { Graph, Value } from "../../ir/graph.ts";
import { zeros } from "../../ir/tensor.ts";
import { createModel } from "../../models/create-model.ts";
import { relu, sigmoid } from "../../nn/activations.ts";
import { batchNorm } from "../../nn/batch-norm.ts";
import { conv2d } from "../../nn/conv2d.ts";
import { linear } from "../../nn/linear.ts";
import { averagePool, globalAveragePool, maxPool } from "../../nn/pooling.ts";
import { squeezeExcite } from "../../nn/se.ts";
import type { SEOptions } from "../../nn/se-options.ts";
import { readOnnx } from "../../onnx/read-onnx.ts";
import { writeOnnx } from "../../onnx/write-onnx.ts";
import { newGraph } from "../../ops/new-graph.ts";
import { sgd } from "../../train/step/optimizers.ts";
import { trainStep } from "../../train/step/train-step.ts";
import { rebuild } from "../graph/rebuild.ts";
import { matchSE } from "./match-se.ts";

type Make = (b: GraphBuilder, x: Value) => Value;

/** A graph around one map of 16 channels, itself computed. */
function around(make: Make, size: number | string = 6): Graph {
  const b = newGraph("one");
  const images = b.input("images", "float32", ["N", 3, size, size]);
  b.output("y", make(b, conv2d(b, "stem", images, { out: 16 })));
  return b.build();
}

/** The operators of each block that is found. */
function found(make: Make, size?: number | string): string[] {
  return matchSE(around(make, size)).map(({ nodes }) => nodes.map(({ op }) => op).join(" "));
}

const mul = (b: GraphBuilder, x: Value, y: Value) => b.op("Mul", [x, y]);
/** Two layers of 4 and 16 units, as 1×1 convolutions. */
const layers: Make = (b, z) => conv2d(b, "fc2", relu(b, conv2d(b, "fc1", z, { out: 4 })), { out: 16 });
const axes = (b: GraphBuilder, ...numbers: number[]) => b.constant(numbers);

describe("finds a block", () => {
  it("of ours, with all it says of it", () => {
    const graph = createModel("seresnet8");
    const blocks = matchSE(graph);
    expect(blocks.map(({ path, channels }) => [path, channels])).toEqual([
      ["layer1.0.se", 16],
      ["layer2.0.se", 32],
      ["layer3.0.se", 64],
    ]);
    const [{ scale, squeeze, nodes, input }] = blocks;
    expect(nodes).toEqual(graph.nodes.filter(({ scope }) => /^layer1\.0\.se\b/.test(scope)));
    expect([squeeze, scale]).toEqual([nodes[0], nodes.at(-1)]);
    expect(squeeze?.inputs[0]).toBe(input);
    expect(scale.inputs).toContain(input);
  });

  it("with the gate on either side", () => {
    const gate: Make = (b, x) => sigmoid(b, layers(b, globalAveragePool(b, x)));
    const expected = ["GlobalAveragePool Conv Relu Conv Sigmoid Mul"];
    expect(found((b, x) => mul(b, x, gate(b, x)))).toEqual(expected);
    expect(found((b, x) => mul(b, gate(b, x), x))).toEqual(expected);
  });

  it("with a mean, fully connected layers, normalization and reshapes", () => {
    const block: Make = (b, x) => {
      const mean = b.op("ReduceMean", [x, axes(b, -1, 2)], { keepdims: 0 });
      const hidden = relu(b, batchNorm(b, "bn", linear(b, "fc1", mean, { out: 4 })));
      const flat = sigmoid(b, linear(b, "fc2", hidden, { out: 16 }));
      return mul(b, x, b.op("Reshape", [flat, axes(b, 0, 16, 1, 1)]));
    };
    expect(found(block)).toEqual(["ReduceMean Gemm BatchNormalization Relu Gemm Sigmoid Reshape Mul"]);
  });

  it("with weights that are transposed and biases that are reshaped first", () => {
    const block: Make = (b, x) => {
      const w = (name: string, rows: number, columns: number) =>
        b.op("Transpose", [b.parameter(name, zeros([columns, rows]))], { perm: [1, 0] });
      const pooled = b.op("Squeeze", [globalAveragePool(b, x), axes(b, 2, 3)]);
      const hidden = relu(b, b.op("MatMul", [pooled, w("fc1", 16, 4)]));
      const bias = b.op("Reshape", [b.parameter("bias", zeros([16])), axes(b, 1, 16)]);
      const flat = sigmoid(b, b.op("Add", [b.op("MatMul", [hidden, w("fc2", 4, 16)]), bias]));
      return mul(b, x, b.op("Unsqueeze", [flat, axes(b, 2, 3)]));
    };
    expect(found(block)).toEqual(["GlobalAveragePool Squeeze MatMul Relu MatMul Add Sigmoid Unsqueeze Mul"]);
  });

  it("whose hard sigmoid is Relu6 and a product, and whose squeeze is of maxima", () => {
    const block: Make = (b, x) => {
      const z = conv2d(b, "fc1", b.op("GlobalMaxPool", [x]), { out: 4 });
      const shifted = b.op("Add", [conv2d(b, "fc2", relu(b, z), { out: 16 }), b.constant(3)]);
      const clipped = b.op("Clip", [shifted, b.constant(0), b.constant(6)]);
      return mul(b, x, b.op("Mul", [clipped, b.constant(1 / 6)]));
    };
    expect(found(block)).toEqual(["GlobalMaxPool Conv Relu Conv Add Clip Mul Mul"]);
  });

  it("with integer weights and what reads them back, behind a squeeze or behind none", () => {
    const gate: Make = (b, z) => {
      const integers = b.parameter("fc", zeros([16, 16, 1, 1], "int8"));
      const weight = b.op("DequantizeLinear", [integers, b.constant(1)]);
      return sigmoid(b, b.op("Conv", [z, weight], { kernel_shape: [1, 1] }));
    };
    expect(found((b, x) => mul(b, x, gate(b, globalAveragePool(b, x))))).toEqual([
      "GlobalAveragePool DequantizeLinear Conv Sigmoid Mul",
    ]);
    expect(found((b, x) => mul(b, x, gate(b, x)))).toEqual(["DequantizeLinear Conv Sigmoid Mul"]);
  });

  it("with views that say −1 for the batch", () => {
    const block: Make = (b, x) => {
      const vector = b.op("Reshape", [globalAveragePool(b, x), axes(b, -1, 16)]);
      const hidden = relu(b, linear(b, "fc1", vector, { out: 4 }));
      const gate = sigmoid(b, linear(b, "fc2", hidden, { out: 16 }));
      return mul(b, x, b.op("Reshape", [gate, axes(b, -1, 16, 1, 1)]));
    };
    expect(found(block)).toEqual(["GlobalAveragePool Reshape Gemm Relu Gemm Sigmoid Reshape Mul"]);
  });

  it("with a gate written out in arithmetic, and products inside the gate", () => {
    const block: Make = (b, x) => {
      const z = conv2d(b, "fc1", globalAveragePool(b, x), { out: 4 });
      const swish = mul(b, z, sigmoid(b, z));
      const shifted = b.op("Add", [conv2d(b, "fc2", swish, { out: 16 }), b.constant(3)]);
      const clipped = b.op("Clip", [shifted, b.constant(0), b.constant(6)]);
      return mul(b, x, b.op("Div", [clipped, b.constant(6)]));
    };
    expect(found(block)).toEqual(["GlobalAveragePool Conv Sigmoid Mul Conv Add Clip Div Mul"]);
  });

  it("whose squeeze is a window of the map's size, of means or of maxima", () => {
    const by = (pool: typeof averagePool) => (b: GraphBuilder, x: Value) =>
      mul(b, x, sigmoid(b, layers(b, pool(b, x, { kernel: 6 }))));
    expect(found(by(averagePool))).toEqual(["AveragePool Conv Relu Conv Sigmoid Mul"]);
    expect(found(by(maxPool))).toEqual(["MaxPool Conv Relu Conv Sigmoid Mul"]);
    // A window of a part is no squeeze by itself, but a gate all the same.
    const part = around(by((b, x) => averagePool(b, x, { kernel: 4, stride: 4 })));
    expect(matchSE(part).map(({ squeeze }) => squeeze)).toEqual([undefined]);
  });

  it("whose gate is repeated over the map first", () => {
    const block: Make = (b, x) => {
      const gate = sigmoid(b, layers(b, globalAveragePool(b, x)));
      return mul(b, x, b.op("Expand", [gate, axes(b, 1, 16, 6, 6)]));
    };
    expect(found(block)).toEqual(["GlobalAveragePool Conv Relu Conv Sigmoid Expand Mul"]);
  });

  it("whose squeeze reads another map", () => {
    const graph = around((b, x) => {
      const gate = sigmoid(b, layers(b, globalAveragePool(b, x)));
      return mul(b, conv2d(b, "conv3", x, { out: 16 }), gate);
    });
    const [{ input }] = matchSE(graph);
    expect(input.producer?.scope).toBe("stem");
  });

  it("on maps of symbolic size and of one pixel", () => {
    const block: Make = (b, x) => squeezeExcite(b, "se", x);
    expect(found(block, "S")).toHaveLength(1);
    expect(found(block, 1)).toEqual(["GlobalAveragePool Conv Relu Conv Sigmoid Mul"]);
  });

  it("without a squeeze: two 1×1 convolutions of the map, the hidden layer narrow", () => {
    expect(found((b, x) => mul(b, x, sigmoid(b, layers(b, x))))).toEqual(["Conv Relu Conv Sigmoid Mul"]);
  });

  it("of two squeezes through the same layers (CBAM's attention to channels)", () => {
    const block: Make = (b, x) => {
      const max = maxPool(b, x, { kernel: 6 });
      const sum = b.op("Add", [layers(b, globalAveragePool(b, x)), b.scope("max", () => layers(b, max))]);
      return mul(b, x, sigmoid(b, sum));
    };
    const expected = "MaxPool GlobalAveragePool Conv Relu Conv Conv Relu Conv Add Sigmoid Mul";
    expect(found(block)).toEqual([expected]);
  });

  it.each<[SEOptions, string]>([
    [{ squeeze: "max", hidden: [] }, "GlobalMaxPool Conv Sigmoid Mul"],
    [{ squeeze: "avg+max", gate: "tanh" }, "GlobalAveragePool GlobalMaxPool Concat Conv Relu Conv Tanh Mul"],
    [
      { squeeze: "avg+std", gate: "softmax" },
      "GlobalAveragePool Sub Mul GlobalAveragePool Add Sqrt Concat Conv Relu Conv Softmax Mul Mul",
    ],
    [{ squeeze: "grid", grid: 3 }, "MatMul MatMul Conv Relu Conv Sigmoid Mul"],
    [{ squeeze: "flatten", gate: "relu" }, "Conv Relu Conv Relu Mul"],
    [{ squeeze: "tile", tile: 4 }, "MatMul MatMul Conv Relu Conv Sigmoid MatMul MatMul Mul"],
    [{ squeeze: "none", hidden: ["2C", "C/r"] }, "Conv Relu Conv Relu Conv Sigmoid Mul"],
    [{ excitation: "eca" }, "GlobalAveragePool Reshape Conv Reshape Sigmoid Mul"],
    [{ squeeze: "none", excitation: "eca" }, "Reshape Conv Reshape Sigmoid Mul"],
    [
      { squeeze: "grid", excitation: "eca", gate: "hard-sigmoid" },
      "MatMul MatMul Reshape Transpose Reshape Conv Reshape HardSigmoid Mul",
    ],
  ])("of ours with %j", (options, expected) => {
    expect(found((b, x) => squeezeExcite(b, "se", x, options))).toEqual([expected]);
  });

  it("in a file that has lost the names", () => {
    const graph = rebuild(createModel("seresnet20"), {
      node: (b, { op, attrs }, inputs) => b.within("", () => b.ops(op, inputs, attrs)),
    });
    const read = readOnnx(writeOnnx(graph));
    const blocks = matchSE(read);
    expect(blocks).toHaveLength(9);
    expect(new Set(blocks.map(({ path }) => path))).toEqual(new Set([""]));
  });

  it("once in a training step, where the gradient multiplies with the gate again", () => {
    const step = trainStep(createModel("seresnet8"), { batch: 2, optimizer: sgd() });
    expect(matchSE(step.graph).map(({ path }) => path)).toEqual([
      "layer1.0.se",
      "layer2.0.se",
      "layer3.0.se",
    ]);
  });
});

describe("does not take for a block", () => {
  const gate: Make = (b, x) => sigmoid(b, layers(b, globalAveragePool(b, x)));
  const cases: [what: string, make: Make][] = [
    ["SiLU", (b, x) => mul(b, x, sigmoid(b, x))],
    ["HardSwish", (b, x) => mul(b, x, b.op("HardSigmoid", [x], { alpha: 1 / 6 }))],
    ["a map multiplied by its own mean", (b, x) => mul(b, x, globalAveragePool(b, x))],
    [
      "a gate that depends on something else that is fed",
      (b, x) => mul(b, x, b.op("Add", [gate(b, x), b.input("shift", "float32", ["N", 16, 1, 1])])),
    ],
    [
      "one number for all channels",
      (b, x) => mul(b, x, conv2d(b, "fc", globalAveragePool(b, x), { out: 1 })),
    ],
    ["a mean over channels", (b, x) => mul(b, x, sigmoid(b, b.op("ReduceMean", [x, axes(b, 1)])))],
    ["a map multiplied by a constant", (b, x) => mul(b, x, b.constant(0.17))],
    [
      "a gate of the map's size by 3×3 convolutions",
      (b, x) => mul(b, x, sigmoid(b, conv2d(b, "b", conv2d(b, "a", x, { out: 4, kernel: 3 }), { out: 16 }))),
    ],
    [
      "a gate without a non-linearity",
      (b, x) =>
        mul(b, x, conv2d(b, "fc", globalAveragePool(b, conv2d(b, "other", x, { out: 8 })), { out: 1 })),
    ],
    ["a product with a convolution of the map", (b, x) => mul(b, x, conv2d(b, "a", x, { out: 16 }))],
    [
      "a gate of the map's size and of something else",
      (b, x) => {
        const hidden = conv2d(b, "fc1", x, { out: 4 });
        const sum = b.op("Add", [hidden, b.input("other", "float32", ["N", 4, 6, 6])]);
        return mul(b, x, sigmoid(b, conv2d(b, "fc2", sum, { out: 16 })));
      },
    ],
    ["a gate of another map", (b, x) => mul(b, conv2d(b, "other", x, { out: 16 }), sigmoid(b, layers(b, x)))],
  ];
  it.each(cases)("%s", (_, make) => {
    expect(found(make)).toEqual([]);
  });
});
