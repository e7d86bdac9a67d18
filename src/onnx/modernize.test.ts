import { describe, expect, it } from "vitest";
import { expectSame } from "../../test/support/compare.ts";
import { randomTensor } from "../../test/support/gradient-check.ts";
import { type OldModel, oldModel } from "../../test/support/old-model.ts";
import { tensor } from "../ir/tensor.ts";
import { verify } from "../ops/verify.ts";
import { toRef } from "../reference/ref-tensor.ts";
import { createSession } from "../runtime/node.ts";
import { readOnnx } from "./read-onnx.ts";
import { writeOnnx } from "./write-onnx.ts";

const weight = (...shape: number[]) =>
  tensor(shape, Float32Array.from(randomTensor(shape, shape.length).data));
const ints = (...values: number[]) => tensor([values.length], values, "int64");
const map = [2, 4, 5, 6];
const same = (mode: string, opset: number): OldModel => ({
  opset,
  x: [2, 4, 10, 13],
  nodes: [
    { op: "Conv", inputs: ["x", "w"], attrs: { auto_pad: mode, strides: [2, 2] }, outputs: ["c"] },
    { op: "MaxPool", inputs: ["c"], attrs: { auto_pad: mode, kernel_shape: [2, 2] }, outputs: ["m"] },
    {
      op: "AveragePool",
      inputs: ["m"],
      attrs: { auto_pad: mode, kernel_shape: [2, 3], strides: [1, 2] },
    },
  ],
  stored: { w: weight(3, 4, 3, 3) },
});

/** Each model as it is and as it comes out of reader and writer gives the same numbers in ONNX Runtime. */
const models: Readonly<Record<string, OldModel>> = {
  "Reduce axes (17)": { opset: 17, x: map, nodes: [{ op: "ReduceMean", attrs: { axes: [2, 3] } }] },
  "ReduceMax without axes (11)": { opset: 11, x: map, nodes: [{ op: "ReduceMax", attrs: { keepdims: 0n } }] },
  "ReduceSum axes (12)": { opset: 12, x: map, nodes: [{ op: "ReduceSum", attrs: { axes: [-1] } }] },
  "Squeeze and Unsqueeze (11)": {
    opset: 11,
    x: [2, 1, 3, 1],
    nodes: [
      { op: "Squeeze", attrs: { axes: [1] }, outputs: ["s"] },
      { op: "Unsqueeze", inputs: ["s"], attrs: { axes: [0, 3] } },
    ],
  },
  "Clip (10)": { opset: 10, x: map, nodes: [{ op: "Clip", attrs: { min: -0.5, max: 0.7 } }] },
  "Clip from above only (9)": { opset: 9, x: map, nodes: [{ op: "Clip", attrs: { max: 0.1 } }] },
  "Dropout (9)": { opset: 9, x: map, nodes: [{ op: "Dropout", attrs: { ratio: 0.3 } }] },
  "Pad (10)": {
    opset: 10,
    x: map,
    nodes: [{ op: "Pad", attrs: { pads: [0, 0, 1, 2, 0, 0, 3, 0], value: 0.5, mode: "constant" } }],
  },
  "Pad of some axes (18)": {
    opset: 18,
    x: map,
    nodes: [{ op: "Pad", inputs: ["x", "pads", "", "axes"], attrs: { mode: "reflect" } }],
    stored: { pads: ints(1, 2, 0, 3), axes: ints(-1, 2) },
  },
  "Slice (9)": {
    opset: 9,
    x: map,
    nodes: [{ op: "Slice", attrs: { starts: [1, -4], ends: [3, 100], axes: [1, 3] } }],
  },
  "Slice until the last (9)": {
    opset: 9,
    x: map,
    nodes: [{ op: "Slice", attrs: { starts: [1], ends: [2n ** 63n - 1n], axes: [2] } }],
  },
  "Slice without axes (13)": {
    opset: 13,
    x: map,
    nodes: [{ op: "Slice", inputs: ["x", "starts", "ends"] }],
    stored: { starts: ints(0, 1), ends: ints(1, 3) },
  },
  "Softmax over all axes from 1 (11)": { opset: 11, x: map, nodes: [{ op: "Softmax" }] },
  "LogSoftmax from axis 2, symbolic batch (9)": {
    opset: 9,
    x: ["N", 4, 5, 6],
    nodes: [{ op: "LogSoftmax", attrs: { axis: 2n } }],
  },
  "Softmax of a vector on 1×1 pixels (11)": { opset: 11, x: ["N", 4, 1, 1], nodes: [{ op: "Softmax" }] },
  "Split in equal parts (11)": {
    opset: 11,
    x: map,
    nodes: [{ op: "Split", attrs: { axis: 1n }, outputs: ["y", "z"] }],
    outputs: ["y", "z"],
  },
  "Split by sizes (11)": {
    opset: 11,
    x: map,
    nodes: [{ op: "Split", attrs: { axis: -1n, split: [1, 5] }, outputs: ["y", "z"] }],
    outputs: ["z", "y"],
  },
  "Split in parts, the last smaller (18)": {
    opset: 18,
    x: map,
    nodes: [{ op: "Split", attrs: { axis: 2n, num_outputs: 2n }, outputs: ["y", "z"] }],
    outputs: ["y", "z"],
  },
  "BatchNormalization with spatial (7)": {
    opset: 7,
    x: map,
    nodes: [
      {
        op: "BatchNormalization",
        inputs: ["x", "s", "s", "s", "v"],
        attrs: { spatial: 1n, momentum: 0.9 },
      },
    ],
    stored: { s: weight(4), v: tensor([4], [1, 2, 3, 4]) },
  },
  "weights listed among the inputs (9)": {
    opset: 9,
    x: map,
    nodes: [{ op: "Conv", inputs: ["x", "w"] }],
    stored: { w: weight(2, 4, 3, 1) },
    listStored: true,
  },
  "SAME_UPPER (11)": same("SAME_UPPER", 11),
  "SAME_LOWER (11)": same("SAME_LOWER", 11),
  "VALID (9)": same("VALID", 9),
  "ceil_mode (10)": {
    opset: 10,
    x: [1, 2, 7, 7],
    nodes: [{ op: "MaxPool", attrs: { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1n } }],
  },
  "Transpose without a permutation (13)": { opset: 13, x: map, nodes: [{ op: "Transpose" }] },
  "an exponent of another type (13)": {
    opset: 13,
    x: map,
    nodes: [{ op: "Pow", inputs: ["x", "two"] }],
    stored: { two: ints(2) },
  },
  "Gelu (20)": { opset: 20, x: map, nodes: [{ op: "Gelu" }] },
  "Gelu by tanh (20)": { opset: 20, x: map, nodes: [{ op: "Gelu", attrs: { approximate: "tanh" } }] },
  "Mish (18)": { opset: 18, x: map, nodes: [{ op: "Mish" }] },
  "Softsign and Reciprocal (13)": {
    opset: 13,
    x: map,
    nodes: [
      { op: "Softsign", outputs: ["s"] },
      { op: "Reciprocal", inputs: ["s"] },
    ],
  },
  "DepthToSpace by columns (13)": {
    opset: 13,
    x: ["N", 8, 2, 3],
    nodes: [{ op: "DepthToSpace", attrs: { blocksize: 2n, mode: "CRD" } }],
  },
  "SpaceToDepth (9)": {
    opset: 9,
    x: [2, 3, 4, 6],
    nodes: [{ op: "SpaceToDepth", attrs: { blocksize: 2n } }],
  },
  "view(size(0), -1) (9)": {
    opset: 9,
    x: ["N", 4, 5, 6],
    nodes: [
      { op: "Shape", outputs: ["shape"] },
      { op: "Gather", inputs: ["shape", "zero"], outputs: ["n"] },
      { op: "Unsqueeze", inputs: ["n"], attrs: { axes: [0] }, outputs: ["n1"] },
      { op: "Concat", inputs: ["n1", "rest"], attrs: { axis: 0n }, outputs: ["wanted"] },
      { op: "Reshape", inputs: ["x", "wanted"] },
    ],
    stored: { zero: tensor([], [0], "int64"), rest: ints(-1) },
  },
};

describe("models of older operator sets compute what they computed", () => {
  it.each(Object.entries(models))("%s", async (_, model) => {
    const bytes = oldModel(model);
    const graph = readOnnx(bytes);
    verify(graph);
    const shape = model.x.map((dim) => (typeof dim === "number" ? dim : 3));
    const x = tensor(shape, Float32Array.from(randomTensor(shape, 7).data));
    const original = await run(bytes, x);
    expect(Object.keys(original)).toEqual(model.outputs ?? ["y"]);
    const expected = Object.fromEntries(Object.entries(original).map(([name, y]) => [name, toRef(y)]));
    expectSame(await run(writeOnnx(graph), x), expected, 1e-6);
  });

  it("and nothing is left of arithmetic with shapes", () => {
    const { nodes } = readOnnx(oldModel(models["view(size(0), -1) (9)"]));
    expect(nodes.map(({ op }) => op)).toEqual(["Reshape"]);
  });
});

async function run(bytes: Uint8Array, x: ReturnType<typeof tensor>) {
  const session = await createSession(bytes, { threads: 1 });
  try {
    return await session.run({ x });
  } finally {
    await session.dispose();
  }
}

describe("what has no newer form is refused", () => {
  const refused: [string, OldModel, string][] = [
    [
      "padding that depends on an unknown size",
      { ...same("SAME_UPPER", 11), x: ["N", 4, "H", "W"] },
      'node "c" (Conv): the padding of auto_pad SAME_UPPER depends on the size of the map, which is H; export the model with a fixed input size',
    ],
    [
      "a bound that would have to become float16",
      {
        opset: 10,
        x: [1],
        nodes: [{ op: "Clip", inputs: ["half"], attrs: { min: 0.5 } }],
        stored: { half: tensor([1], [0], "float16") },
      },
      'node "y" (Clip): expected float32 or float64, found float16; convert the model to float32',
    ],
    [
      "BatchNorm by activation",
      {
        ...models["BatchNormalization with spatial (7)"],
        nodes: [{ op: "BatchNormalization", inputs: ["x", "s", "s", "s", "v"], attrs: { spatial: 0n } }],
      },
      'node "y" (BatchNormalization): attribute "spatial" = 0 is not supported',
    ],
    [
      "BatchNorm that gives out the batch's statistics (9)",
      {
        ...models["BatchNormalization with spatial (7)"],
        opset: 9,
        nodes: [
          {
            op: "BatchNormalization",
            inputs: ["x", "s", "s", "s", "v"],
            outputs: ["y", "mean", "var", "saved_mean", "saved_var"],
          },
        ],
      },
      'node "y" (BatchNormalization) is in training mode; export the model in evaluation mode',
    ],
    [
      "sizes that do not add up",
      { ...models["Split by sizes (11)"], nodes: [{ op: "Split", attrs: { split: [1, 5] } }] },
      'node "y" (Split): the sizes 1, 5 should add up to 2',
    ],
    [
      "an endless range",
      {
        opset: 13,
        x: [1],
        nodes: [{ op: "Range", inputs: ["a", "b", "c"] }],
        stored: { a: ints(0), b: ints(2 ** 40), c: ints(1) },
      },
      `node "y" (Range): expected at most 4096 elements, found ${2 ** 40}`,
    ],
    [
      "an operator nobody knows here",
      { opset: 13, x: [1], nodes: [{ op: "SoftPlus" }] },
      'node "y" (SoftPlus): operator SoftPlus of domain "ai.onnx" is not supported (did you mean "Softplus"?)',
    ],
  ];
  it.each(refused)("%s", (_, model, message) => {
    expect(() => readOnnx(oldModel(model))).toThrow(`ONNX file: ${message}`);
  });
});
