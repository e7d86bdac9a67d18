import { dtypes } from "../ir/dtype.ts";
import { scalar } from "../ir/tensor.ts";
import { resolveAutoPad } from "./auto-pad.ts";
import { malformed } from "./malformed.ts";
import {
  constantOf,
  inputOf,
  numbersOf,
  type PendingNode,
  setInt,
  setInts,
  takeFloat,
  takeInt,
  takeInts,
} from "./pending.ts";

/** An attribute that became an input: its name, kind, the input's place, and the first operator set that has the input. */
type NowInput = readonly [name: string, kind: "float" | "ints", place: number, since: number];

const reduceAxes: readonly NowInput[] = [["axes", "ints", 1, 18]];

/** What older operator sets wrote as attributes, by operator. */
const nowInputs: Readonly<Record<string, readonly NowInput[]>> = {
  Clip: [
    ["min", "float", 1, 11],
    ["max", "float", 2, 11],
  ],
  Dropout: [["ratio", "float", 1, 12]],
  Pad: [
    ["pads", "ints", 1, 11],
    ["value", "float", 2, 11],
  ],
  ReduceMax: reduceAxes,
  ReduceMean: reduceAxes,
  ReduceSum: [["axes", "ints", 1, 13]],
  ReduceSumSquare: reduceAxes,
  Slice: [
    ["starts", "ints", 1, 10],
    ["ends", "ints", 2, 10],
    ["axes", "ints", 3, 10],
  ],
  Split: [["split", "ints", 1, 13]],
  Squeeze: [["axes", "ints", 1, 13]],
  Unsqueeze: [["axes", "ints", 1, 13]],
};

/** What else an operator may leave out or write otherwise, brought to the one form that operators have here. */
const rules: Readonly<Record<string, readonly ((node: PendingNode) => void)[]>> = {
  AveragePool: [resolveAutoPad],
  BatchNormalization: [refuseStatistics],
  Conv: [kernelOfWeight, resolveAutoPad],
  ConvTranspose: [kernelOfWeight],
  Dropout: [dropTrainingMode],
  MaxPool: [resolveAutoPad],
  OneHot: [countAxisFromEnd],
  Pad: [padAllAxes],
  Pow: [castExponent],
  Reshape: [refuseEmptyDims],
  Slice: [nameAxes],
  Transpose: [namePermutation],
};

/**
 * Converts a node of opset 7 or later to its form in opset 18, which the operators of this package have. For what
 * changed see https://github.com/onnx/onnx/blob/main/docs/Changelog.md.
 *
 * @throws SenetError `file` for what has no such form (a mode of training, sizes that are not known)
 */
export function modernize(node: PendingNode): void {
  const rows = Object.hasOwn(nowInputs, node.op) ? nowInputs[node.op] : [];
  for (const row of rows) makeInput(node, row);
  for (const rule of Object.hasOwn(rules, node.op) ? rules[node.op] : []) rule(node);
  while (node.inputs.at(-1) === null) node.inputs.pop();
}

function makeInput(node: PendingNode, [name, kind, place, since]: NowInput): void {
  if (node.opset >= since || node.inputs.length > place) return;
  const values = kind === "ints" ? takeInts(node, name) : takeFloat(node, name);
  if (values === undefined) return;
  while (node.inputs.length < place) node.inputs.push(null);
  const { dtype } = inputOf(node, 0);
  if (kind === "float" && dtype !== "float32" && dtype !== "float64") {
    malformed(`${node.what}: expected float32 or float64, found ${dtype}; convert the model to float32`);
  }
  node.inputs[place] = node.constant(typeof values === "number" ? scalar(values, dtype) : values);
}

/** ONNX lets a convolution leave its kernel's size to the weight. */
function kernelOfWeight(node: PendingNode): void {
  if (node.attributes.some(({ name }) => name === "kernel_shape")) return;
  const kernel = inputOf(node, 1).shape.slice(2);
  if (kernel.every((dim) => typeof dim === "number")) setInts(node, "kernel_shape", kernel);
}

/** Before set 14, BatchNormalization is in training mode where it gives out the batch's statistics too. */
function refuseStatistics({ opset, outputCount, what }: PendingNode): void {
  if (opset >= 14 || outputCount === 1) return;
  malformed(`${what} is in training mode; export the model in evaluation mode`);
}

function dropTrainingMode(node: PendingNode): void {
  if (!node.inputs[2]) return;
  if (constantOf(node, 2, "training_mode").some((flag) => flag !== 0)) {
    malformed(`${node.what} is in training mode; export the model in evaluation mode`);
  }
  node.inputs.length = 2;
}

function countAxisFromEnd(node: PendingNode): void {
  const axis = takeInt(node, "axis") ?? -1;
  setInt(node, "axis", axis === inputOf(node, 0).shape.length ? -1 : axis);
}

/** Since set 18 the pads may be for some axes only. */
function padAllAxes(node: PendingNode): void {
  if (!node.inputs[3]) return;
  const rank = inputOf(node, 0).shape.length;
  const pads = constantOf(node, 1, "pads");
  const all = new Array<number>(2 * rank).fill(0);
  constantOf(node, 3, "axes").forEach((named, i, { length }) => {
    const axis = named < 0 ? named + rank : named;
    if (!(axis >= 0 && axis < rank))
      malformed(`${node.what}: axis ${named} does not exist in ${rank} dimensions`);
    all[axis] = pads[i];
    all[axis + rank] = pads[i + length];
  });
  node.inputs = [node.inputs[0], node.constant(all), node.inputs[2]];
}

/** The exponent may be of another dtype than the base. */
function castExponent(node: PendingNode): void {
  const [{ dtype }, exponent] = [inputOf(node, 0), inputOf(node, 1)];
  if (exponent.dtype === dtype) return;
  [node.inputs[1]] = node.add("Cast", [exponent], { to: dtypes[dtype].onnx });
}

/** With `allowzero` a 0 is a dimension of 0; shapes here have it only as a copy of the input's. */
function refuseEmptyDims(node: PendingNode): void {
  if (takeInt(node, "allowzero") === 1 && numbersOf(node, 1)?.includes(0)) {
    malformed(`${node.what} makes an empty tensor (allowzero), which is not supported`);
  }
}

function nameAxes(node: PendingNode): void {
  if (node.inputs[3]) return;
  const starts = constantOf(node, 1, "starts");
  const axes = node.constant(starts.map((_, axis) => axis));
  node.inputs.splice(3, 1, axes);
}

function namePermutation(node: PendingNode): void {
  if (node.attributes.some(({ name }) => name === "perm")) return;
  const axes = inputOf(node, 0).shape.map((_, axis) => axis);
  setInts(node, "perm", axes.reverse());
}
