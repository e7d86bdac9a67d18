import { describe, expect, it } from "vitest";
import { SenetError } from "../base/errors.ts";
import type { Attr, Value } from "../ir/graph.ts";
import type { Shape } from "../ir/shape.ts";
import { type Tensor, tensor, zeros } from "../ir/tensor.ts";
import { symmetric } from "./conv-shape.ts";
import { newGraph } from "./new-graph.ts";

type Input = Shape | Tensor | null;

/** Shapes of what a node with these inputs gives out; it stands in the scope `layer1.0`. */
function infer(op: string, inputs: readonly Input[], attrs: Readonly<Record<string, Attr>> = {}): Shape[] {
  const b = newGraph("shapes");
  const values = inputs.map((input, i): Value | null => {
    if (input === null) return null;
    return "data" in input ? b.constant(input) : b.input(`x${i}`, "float32", input);
  });
  return b.scope("layer1", () => b.scope(0, () => b.ops(op, values, attrs).map(({ shape }) => shape)));
}

const list = (...values: number[]) => tensor([values.length], values, "int64");
const three = { kernel_shape: [3, 3] };
const map: Shape = ["N", 16, 8, 8];

describe("what an operator says of inputs it cannot take", () => {
  it.each<[string, string, readonly Input[], Readonly<Record<string, Attr>>, string]>([
    // Arity and attributes, checked by the builder.
    ["too few inputs", "Add", [[2]], {}, "Add in layer1.0: expected 2 inputs, found 1; pass as many."],
    [
      "too many inputs",
      "Relu",
      [[2], [2]],
      {},
      "Relu in layer1.0: expected 1 inputs, found 2; pass as many.",
    ],
    [
      "a range of inputs",
      "Conv",
      [map],
      three,
      "Conv in layer1.0: expected 2 to 3 inputs, found 1; pass as many.",
    ],
    [
      "unknown attribute",
      "Conv",
      [map, [4, 16, 3, 3]],
      { ...three, stride: [2, 2] },
      'Conv in layer1.0: attribute "stride" is not known (did you mean "strides"?); correct its name.',
    ],
    [
      "missing attribute",
      "Conv",
      [map, [4, 16, 3, 3]],
      {},
      'Conv in layer1.0: attribute "kernel_shape" is missing and has no default; pass it.',
    ],
    [
      "missing input",
      "Add",
      [[2], null],
      {},
      "Add in layer1.0: input 1 is missing and not optional; pass it.",
    ],
    // Convolution.
    [
      "rank",
      "Conv",
      [
        ["N", 16],
        [4, 16, 3, 3],
      ],
      three,
      "Conv in layer1.0: input 0 should be N×C×H×W (4 dimensions), found [N, 16]; reshape it.",
    ],
    [
      "channels",
      "Conv",
      [map, [4, 8, 3, 3]],
      three,
      "Conv in layer1.0: channels / group must equal the weight's inputs, found 16 and 8; correct one.",
    ],
    [
      "channels of a group",
      "Conv",
      [map, [4, 16, 3, 3]],
      { ...three, group: 2 },
      "Conv in layer1.0: channels / group must equal the weight's inputs, found 8 and 16; correct one.",
    ],
    [
      "filters of a group",
      "Conv",
      [map, [3, 8, 3, 3]],
      { ...three, group: 2 },
      "Conv in layer1.0: expected filters to be a multiple of group 2, found 3; change one.",
    ],
    [
      "channels that groups do not divide",
      "Conv",
      [
        ["N", 3, 8, 8],
        [4, 1.5, 3, 3],
      ],
      { ...three, group: 2 },
      "Conv in layer1.0: expected channels to be a multiple of group 2, found 3; change one.",
    ],
    [
      "no group",
      "Conv",
      [map, [4, 16, 3, 3]],
      { ...three, group: 0 },
      "Conv in layer1.0: expected channels to be a multiple of group 0, found 16; change one.",
    ],
    [
      "symbolic channels",
      "Conv",
      [
        ["N", "C", 8, 8],
        [4, 16, 3, 3],
      ],
      three,
      "Conv in layer1.0: expected a known dimension on axis 1, found C; bind it to a number first (bindDims).",
    ],
    [
      "kernel",
      "Conv",
      [map, [4, 16, 1, 3]],
      three,
      "Conv in layer1.0: kernel_shape must equal the weight's height, found 3 and 1; correct one.",
    ],
    [
      "bias",
      "Conv",
      [map, [4, 16, 3, 3], [5]],
      three,
      "Conv in layer1.0: bias must have one number per filter, found 5 and 4; correct one.",
    ],
    [
      "window too large",
      "Conv",
      [
        [1, 16, 2, 9],
        [4, 16, 3, 3],
      ],
      { ...three, dilations: [2, 1], pads: [1, 1, 1, 1] },
      "Conv in layer1.0: a window of 5 does not fit into 2 + 2 padding; use a larger input or a smaller kernel.",
    ],
    [
      "pooling window too large",
      "MaxPool",
      [[1, 3, 2, 2]],
      three,
      "MaxPool in layer1.0: a window of 3 does not fit into 2 + 0 padding; use a larger input or a smaller kernel.",
    ],
    // Element-wise.
    [
      "broadcast",
      "Mul",
      [map, ["N", 8, 1, 1]],
      {},
      "Mul in layer1.0: shapes [N, 16, 8, 8] and [N, 8, 1, 1] do not broadcast, because 16 and 8 differ and neither is 1; reshape one.",
    ],
    [
      "symbols that differ",
      "Add",
      [
        ["N", 3],
        ["M", 3],
      ],
      {},
      "Add in layer1.0: shapes [N, 3] and [M, 3] do not broadcast, because N and M differ and neither is 1; reshape one.",
    ],
    [
      "dtypes",
      "Add",
      [[2], list(1, 2)],
      {},
      "Add in layer1.0: inputs should have one dtype, found float32 and int64; cast one.",
    ],
    [
      "batch norm",
      "BatchNormalization",
      [map, [16], [16], [8], [16]],
      {},
      "BatchNormalization in layer1.0: input 3 must have one number per channel, found 8 and 16; correct one.",
    ],
    // Matrix products.
    [
      "Gemm inner",
      "Gemm",
      [
        ["N", 64],
        [10, 32],
      ],
      { transB: 1 },
      "Gemm in layer1.0: the inner dimensions must agree, found 64 and 32; correct one.",
    ],
    [
      "Gemm rank",
      "Gemm",
      [
        ["N", 64, 1, 1],
        [64, 10],
      ],
      {},
      "Gemm in layer1.0: input 0 should be rows×columns (2 dimensions), found [N, 64, 1, 1]; reshape it.",
    ],
    [
      "Gemm bias",
      "Gemm",
      [[4, 64], [64, 10], [9]],
      {},
      "Gemm in layer1.0: C and the product: shapes [9] and [4, 10] do not broadcast, because 9 and 10 differ and neither is 1; reshape one.",
    ],
    [
      "MatMul inner",
      "MatMul",
      [
        [3, 4],
        [5, 2],
      ],
      {},
      "MatMul in layer1.0: the inner dimensions must agree, found 4 and 5; correct one.",
    ],
    [
      "MatMul vector",
      "MatMul",
      [[4], [4, 2]],
      {},
      "MatMul in layer1.0: both inputs should have at least 2 dimensions, found [4] and [4, 2]; reshape them.",
    ],
    [
      "FusedMatMul inner",
      "FusedMatMul",
      [
        [3, 4],
        [4, 2],
      ],
      { transB: 1 },
      "FusedMatMul in layer1.0: the inner dimensions must agree, found 4 and 2; correct one.",
    ],
    // Layout.
    [
      "Reshape",
      "Reshape",
      [[2, 3, 4], list(5, 5)],
      {},
      "Reshape in layer1.0: expected a shape for the elements of [2, 3, 4], found [5, 5], which has another number of them; correct the shape.",
    ],
    [
      "Reshape with a rest",
      "Reshape",
      [[2, 3, 4], list(5, -1)],
      {},
      "Reshape in layer1.0: expected a shape for the elements of [2, 3, 4], found [5, -1], which has another number of them; correct the shape.",
    ],
    [
      "Reshape beside a symbol",
      "Reshape",
      [["N", 3], list(0, 4)],
      {},
      "Reshape in layer1.0: expected a shape for the elements of [N, 3], found [0, 4], which has another number of them; correct the shape.",
    ],
    [
      "Reshape by a computed shape",
      "Reshape",
      [[2, 3], [2]],
      {},
      "Reshape in layer1.0: input 1 (the new shape) should be a constant, found a value that is computed or fed; compute it when the graph is built.",
    ],
    [
      "Concat",
      "Concat",
      [
        [2, 3, 4],
        [2, 3, 5],
      ],
      { axis: 1 },
      "Concat in layer1.0: all but axis 1 must agree, found 5 and 4; correct one.",
    ],
    [
      "Concat rank",
      "Concat",
      [
        [2, 3],
        [2, 3, 1],
      ],
      { axis: 0 },
      "Concat in layer1.0: all inputs need the same number of dimensions, found 3 and 2; correct one.",
    ],
    [
      "axis",
      "Concat",
      [[2, 3]],
      { axis: 2 },
      "Concat in layer1.0: axis 2 does not exist in 2 dimensions; take one of those.",
    ],
    [
      "reduced axis",
      "ReduceSum",
      [[2, 3], list(-3)],
      {},
      "ReduceSum in layer1.0: axis -3 does not exist in 2 dimensions; take one of those.",
    ],
    [
      "perm",
      "Transpose",
      [[2, 3, 4]],
      { perm: [1, 0] },
      "Transpose in layer1.0: perm must name every axis, found 2 and 3; correct one.",
    ],
    [
      "perm naming one axis twice",
      "Transpose",
      [[2, 3]],
      { perm: [1, 1] },
      "Transpose in layer1.0: perm should name each of 2 axes once, found 1, 1; correct it.",
    ],
    [
      "Pad",
      "Pad",
      [[2, 3], list(1, 1)],
      {},
      "Pad in layer1.0: pads must hold two numbers per axis, found 2 and 4; correct one.",
    ],
    [
      "Cast",
      "Cast",
      [[2]],
      { to: 8 },
      "Cast in layer1.0: element type 8 is not supported; cast to one of float32, uint8, int8, int32, int64, bool, float16, float64.",
    ],
    [
      "OneHot axis",
      "OneHot",
      [[2], list(3), tensor([2], [0, 1])],
      { axis: 0 },
      "OneHot in layer1.0: expected axis −1, found 0; transpose the result.",
    ],
    [
      "Concat along a symbol",
      "Concat",
      [
        ["N", 3],
        ["N", 3],
      ],
      { axis: 0 },
      "Concat in layer1.0: expected a known dimension on axis 0, found N; bind it to a number first (bindDims).",
    ],
    [
      "windows of one side",
      "Conv",
      [map, [4, 16, 3, 3]],
      { ...three, strides: [2] },
      "Conv in layer1.0: expected strides to be 2 whole numbers of at least 1, found 2; only windows of height and width are supported.",
    ],
    [
      "windows that do not move",
      "MaxPool",
      [map],
      { ...three, strides: [0, 0] },
      "MaxPool in layer1.0: expected strides to be 2 whole numbers of at least 1, found 0, 0; only windows of height and width are supported.",
    ],
    [
      "padding of height alone",
      "AveragePool",
      [map],
      { ...three, pads: [1, 1] },
      "AveragePool in layer1.0: expected pads to be 4 whole numbers, found 1, 1; only windows of height and width are supported.",
    ],
    [
      "volumes",
      "MaxPool",
      [map],
      { kernel_shape: [3, 3, 3] },
      "MaxPool in layer1.0: expected kernel_shape to be 2 whole numbers of at least 1, found 3, 3, 3; only windows of height and width are supported.",
    ],
    [
      "channels of another weight",
      "ConvTranspose",
      [map, [4, 16, 3, 3]],
      three,
      "ConvTranspose in layer1.0: channels must equal the weight's inputs, found 16 and 4; correct one.",
    ],
    [
      "a symbol to grow",
      "ConvTranspose",
      [
        ["N", 16, "H", 8],
        [16, 4, 3, 3],
      ],
      three,
      "ConvTranspose in layer1.0: expected a known dimension on axis 2, found H; bind it to a number first (bindDims).",
    ],
    [
      "0 without a dimension",
      "Reshape",
      [["N", 5], list(0, 5, 0)],
      {},
      "Reshape in layer1.0: expected a new shape of dimensions from 1, at most one −1, and a 0 only where [N, 5] has a dimension to copy, found [0, 5, 0]; correct it.",
    ],
    [
      "two rests",
      "Reshape",
      [[2, 5], list(-1, -1, 5)],
      {},
      "Reshape in layer1.0: expected a new shape of dimensions from 1, at most one −1, and a 0 only where [2, 5] has a dimension to copy, found [-1, -1, 5]; correct it.",
    ],
    [
      "sizes below 0",
      "Reshape",
      [[2, 5], list(-2, -5)],
      {},
      "Reshape in layer1.0: expected a new shape of dimensions from 1, at most one −1, and a 0 only where [2, 5] has a dimension to copy, found [-2, -5]; correct it.",
    ],
    [
      "bounds of fewer axes",
      "Slice",
      [[2, 5], list(1), list(3), list(0, 1)],
      {},
      "Slice in layer1.0: expected a start, an end and a step other than 0 for each axis, found starts 1, ends 3, axes 0,1, steps 1,1; correct them.",
    ],
    [
      "steps on the spot",
      "Slice",
      [[2, 5], list(1), list(3), list(1), list(0)],
      {},
      "Slice in layer1.0: expected a start, an end and a step other than 0 for each axis, found starts 1, ends 3, axes 1, steps 0; correct them.",
    ],
    [
      "no such axis",
      "Flatten",
      [[2, 5]],
      { axis: 3 },
      "Flatten in layer1.0: axis 3 does not exist in 2 dimensions; take one of those.",
    ],
    [
      "no such axis",
      "Softmax",
      [[2, 5]],
      { axis: 2 },
      "Softmax in layer1.0: axis 2 does not exist in 2 dimensions; take one of those.",
    ],
    [
      "no such axis",
      "LogSoftmax",
      [[2, 5]],
      { axis: -3 },
      "LogSoftmax in layer1.0: axis -3 does not exist in 2 dimensions; take one of those.",
    ],
    [
      "more cropped than there is",
      "Pad",
      [[2, 5], list(-3, 0, 0, 0)],
      {},
      "Pad in layer1.0: expected pads that crop no more than there is of [2, 5], found -3, 0, 0, 0; crop less.",
    ],
  ])("%s: %s", (_, op, inputs, attrs, message) => {
    expect(() => infer(op, inputs, attrs)).toThrow(
      expect.objectContaining({ name: "SenetError", message }) as unknown as SenetError,
    );
  });

  it.each<[string, readonly Shape[], Readonly<Record<string, Attr>>]>([
    ["Add", [[2], [2]], {}],
    ["Concat", [[2], [2]], { axis: 0 }],
    [
      "Conv",
      [
        [1, 2, 3, 3],
        [4, 2, 3, 3],
      ],
      three,
    ],
    [
      "Gemm",
      [
        [2, 3],
        [3, 4],
      ],
      {},
    ],
    [
      "MatMul",
      [
        [2, 3],
        [3, 4],
      ],
      {},
    ],
  ])("%s: two dtypes", (op, shapes, attrs) => {
    const b = newGraph("dtypes");
    const inputs = shapes.map((shape, i) => b.input(`x${i}`, i === 0 ? "float32" : "float64", shape));
    const message = `${op}: inputs should have one dtype, found float32 and float64; cast one.`;
    expect(() => b.op(op, inputs, attrs)).toThrow(message);
  });

  it("calls a wrong shape `shape` and a wrong attribute `graph`", () => {
    const codeOf = (body: () => unknown) => {
      try {
        body();
      } catch (error) {
        return error instanceof SenetError ? error.code : error;
      }
    };
    expect(codeOf(() => infer("Add", [[2], [3]]))).toBe("shape");
    expect(codeOf(() => infer("Add", [[2]]))).toBe("shape");
    expect(codeOf(() => infer("Relu", [[2]], { slope: 1 }))).toBe("graph");
  });
});

describe("symbols", () => {
  it.each<[string, string, readonly Input[], Readonly<Record<string, Attr>>, Shape]>([
    [
      "batch",
      "Conv",
      [map, [4, 16, 3, 3]],
      { ...three, strides: [2, 2], pads: [1, 1, 1, 1] },
      ["N", 4, 4, 4],
    ],
    [
      "size that a window keeps",
      "Conv",
      [
        ["N", 16, "H", "W"],
        [4, 16, 3, 3],
      ],
      { ...three, pads: [1, 1, 1, 1] },
      ["N", 4, "H", "W"],
    ],
    ["flattened", "Flatten", [["N", 16, 2, 2]], {}, ["N", 64]],
    ["flattened symbol", "Flatten", [["N", 16, "H", 2]], {}, ["N", "16·H·2"]],
    ["copied", "Reshape", [["N", 16, 1, 1], list(0, -1)], {}, ["N", 16]],
    ["left over", "Reshape", [["N", 16, 1, 1], list(-1, 16)], {}, ["N", 16]],
    ["left over, with a factor", "Reshape", [["N", 16, 2, 2], list(-1, 16)], {}, ["N·4", 16]],
    ["left over, one of two alike", "Reshape", [["N", 16, "S", "S"], list(0, 0, -1)], {}, ["N", 16, "S·S"]],
    ["left over beside its like", "Reshape", [["S", "S", 4], list(0, -1)], {}, ["S", "S·4"]],
    ["left over, divided", "Reshape", [["N", 3], list(-1, 2)], {}, ["(N·3/2)", 2]],
    ["pooled", "GlobalAveragePool", [["N", 16, "H", "W"]], {}, ["N", 16, 1, 1]],
    [
      "broadcast",
      "Mul",
      [
        ["N", 16, "H", "W"],
        ["N", 16, 1, 1],
      ],
      {},
      ["N", 16, "H", "W"],
    ],
    [
      "joined channels",
      "Concat",
      [
        ["N", 3, 8, 8],
        ["N", 5, 8, 8],
      ],
      { axis: 1 },
      ["N", 8, 8, 8],
    ],
    ["linear layer", "Gemm", [["N", 64], [10, 64], [10]], { transB: 1 }, ["N", 10]],
  ])("%s: %s", (_, op, inputs, attrs, shape) => {
    expect(infer(op, inputs, attrs)[0]).toEqual(shape);
  });

  it("maps of different windows are not added, of windows that leave the same size they are", () => {
    const x = newGraph("windows");
    const image = x.input("image", "float32", ["N", 16, "H", "W"]);
    const conv = (kernel: number, stride: number, pad: number) => {
      const weight = x.constant(zeros([8, 16, kernel, kernel]));
      const window = { kernel_shape: [kernel, kernel], strides: [stride, stride], pads: symmetric(pad) };
      return x.op("Conv", [image, weight], window);
    };
    expect(() => x.op("Add", [conv(3, 1, 0), conv(5, 1, 0)])).toThrow("(H-2) and (H-4) differ");
    expect(() => x.op("Add", [conv(3, 2, 0), conv(3, 2, 1)])).toThrow("⌊(H-1)/2⌋ and ⌊(H+1)/2⌋ differ");
    // A residual unit that halves its map, and its shortcut.
    expect(x.op("Add", [conv(3, 2, 1), conv(1, 2, 0)]).shape).toEqual(["N", 8, "⌊(H+1)/2⌋", "⌊(W+1)/2⌋"]);
  });
});
