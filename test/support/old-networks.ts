import { tensor } from "../../src/ir/tensor.ts";
import type { OldModel } from "./old-model.ts";

/** Small files of older and newer operator sets, so that all that brings them to ours is damaged too. */
export const oldNetworks: readonly OldModel[] = [
  {
    opset: 9,
    x: ["N", 4, 6, 6],
    nodes: [
      { op: "Conv", inputs: ["x", "w"], attrs: { auto_pad: "SAME_UPPER", strides: [1, 1] }, outputs: ["c"] },
      { op: "PRelu", inputs: ["c", "slope"], outputs: ["p"] },
      { op: "Clip", inputs: ["p"], attrs: { min: -1, max: 6 }, outputs: ["r"] },
      { op: "Pad", inputs: ["r"], attrs: { pads: [0, 0, 1, 1, 0, 0, 1, 1] }, outputs: ["q"] },
      { op: "Slice", inputs: ["q"], attrs: { axes: [2], starts: [0], ends: [4] }, outputs: ["s"] },
      { op: "Shape", inputs: ["s"], outputs: ["shape"] },
      { op: "Gather", inputs: ["shape", "zero"], outputs: ["n"] },
      { op: "Unsqueeze", inputs: ["n"], attrs: { axes: [0] }, outputs: ["n1"] },
      { op: "Concat", inputs: ["n1", "rest"], attrs: { axis: 0n }, outputs: ["wanted"] },
      { op: "Reshape", inputs: ["s", "wanted"], outputs: ["flat"] },
      { op: "Softmax", inputs: ["flat"] },
    ],
    stored: {
      w: tensor([4, 4, 1, 1], new Float32Array(16).fill(0.5)),
      slope: tensor([4, 1, 1], [0.1, 0.2, 0.3, 0.4]),
      zero: tensor([], [0], "int64"),
      rest: tensor([1], [-1], "int64"),
    },
    listStored: true,
  },
  {
    opset: 20,
    x: [2, 8, 4, 4],
    nodes: [
      { op: "Split", attrs: { axis: 1n, num_outputs: 2n }, outputs: ["a", "b"] },
      { op: "Max", inputs: ["a", "b"], outputs: ["m"] },
      { op: "DepthToSpace", inputs: ["m"], attrs: { blocksize: 2n }, outputs: ["d"] },
      { op: "Gelu", inputs: ["d"], outputs: ["g"] },
      { op: "ConstantOfShape", inputs: ["size"], outputs: ["zeros"] },
      { op: "Range", inputs: ["start", "limit", "step"], outputs: ["range"] },
      { op: "Expand", inputs: ["zeros", "range"], outputs: ["e"] },
      { op: "ReduceMax", inputs: ["g", "axes"], outputs: ["y"] },
    ],
    stored: {
      size: tensor([2], [1, 1], "int64"),
      start: tensor([], [1], "int64"),
      limit: tensor([], [4], "int64"),
      step: tensor([], [1], "int64"),
      axes: tensor([2], [2, 3], "int64"),
    },
  },
];
