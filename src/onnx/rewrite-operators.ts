import { SenetError } from "../base/errors.ts";
import type { Value } from "../ir/graph.ts";
import { scalar, tensor } from "../ir/tensor.ts";
import { reshapeTarget } from "../passes/graph/shape-content.ts";
import { malformed } from "./malformed.ts";
import {
  constantOf,
  inputOf,
  numbersOf,
  type PendingNode,
  takeFloat,
  takeInt,
  takeString,
  takeTensor,
} from "./pending.ts";
import { readTensor } from "./read-tensor.ts";

/** Other nodes in place of one: its outputs. */
type Rewriting = (node: PendingNode) => readonly Value[];

/** Outputs of one Split, and elements of one Range: far above what networks have. */
const MAX_PARTS = 4096;

/**
 * Operators that are replaced by others: those newer than opset 18 (which is written), and those defined by a few others, so
 * that nothing else has to know them.
 */
const rewritings: Readonly<Record<string, Rewriting>> = {
  ConstantOfShape: constantOfShape,
  DepthToSpace: depthToSpace,
  Gelu: gelu,
  LogSoftmax: (node) => flattenedSoftmax(node),
  Mish: (node) => {
    const x = inputOf(node, 0);
    return node.add("Mul", [x, node.add("Tanh", node.add("Softplus", [x]))[0]]);
  },
  Range: range,
  Reciprocal: (node) => node.add("Div", [like(node, 1), inputOf(node, 0)]),
  Size: (node) => {
    const shape = node.add("Shape", [inputOf(node, 0)])[0].tensor?.data;
    if (!shape)
      return malformed(`${node.what}: the number of elements depends on the input; fix the input's size`);
    return [
      node.constant(
        scalar(
          Array.from(shape, Number).reduce((a, b) => a * b, 1),
          "int64",
        ),
      ),
    ];
  },
  Softmax: (node) => flattenedSoftmax(node),
  Softsign: (node) => {
    const x = inputOf(node, 0);
    return node.add("Div", [x, node.add("Add", [like(node, 1), node.add("Abs", [x])[0]])[0]]);
  },
  SpaceToDepth: spaceToDepth,
  Split: split,
  Swish: (node) => {
    const [x, alpha] = [inputOf(node, 0), takeFloat(node, "alpha") ?? 1];
    const scaled = alpha === 1 ? x : node.add("Mul", [x, like(node, alpha)])[0];
    return node.add("Mul", [x, node.add("Sigmoid", [scaled])[0]]);
  },
};

/** Operators that can be read although graphs do not have them. */
export const rewrittenOperators: readonly string[] = Object.keys(rewritings);

/** The outputs of a node that is written in other operators; undefined for one that is taken as it is. */
export function rewriteOperator(node: PendingNode): readonly Value[] | undefined {
  if (!Object.hasOwn(rewritings, node.op)) return undefined;
  const isSoftmax = node.op === "Softmax" || node.op === "LogSoftmax";
  if (isSoftmax && node.opset >= 13) return undefined;
  const outputs = rewritings[node.op](node);
  const [other] = node.attributes;
  if (other) malformed(`${node.what}: attribute "${other.name}" is not supported`);
  return outputs;
}

/** Before set 13, softmax ran over all axes from `axis` together. */
function flattenedSoftmax(node: PendingNode): readonly Value[] {
  const x = inputOf(node, 0);
  const axis = axisOf(node, takeInt(node, "axis") ?? 1, x.shape.length);
  const long = x.shape.flatMap((dim, i) => (i >= axis && dim !== 1 ? [i] : []));
  if (long.length <= 1) return node.add(node.op, [x], { axis: long[0] ?? axis });
  const flat = node.add("Flatten", [x], { axis })[0];
  const shape = reshapeTarget(x.shape, flat.shape);
  if (!shape)
    return malformed(`${node.what}: more than one dimension is unknown; export the model with a fixed size`);
  return node.add("Reshape", [node.add(node.op, [flat], { axis: -1 })[0], node.constant(shape)]);
}

/** Exact, x/2·(1 + erf(x/√2)), or by tanh (Hendrycks and Gimpel, arXiv 1606.08415). */
function gelu(node: PendingNode): readonly Value[] {
  const x = inputOf(node, 0);
  const form = takeString(node, "approximate") ?? "none";
  const times = (value: Value, factor: number) => node.add("Mul", [value, like(node, factor)])[0];
  const half = times(x, 0.5);
  let part: Value;
  if (form === "none") [part] = node.add("Erf", [times(x, Math.SQRT1_2)]);
  else if (form === "tanh") {
    const cube = node.add("Mul", [x, node.add("Mul", [x, x])[0]])[0];
    const sum = node.add("Add", [x, times(cube, 0.044715)])[0];
    [part] = node.add("Tanh", [times(sum, Math.sqrt(2 / Math.PI))]);
  } else return malformed(`${node.what}: expected approximate none or tanh, found "${form}"`);
  return node.add("Mul", [half, node.add("Add", [part, like(node, 1)])[0]]);
}

/** As slices, which have gradients; by sizes (input 1) or in so many parts of one size, the last perhaps smaller. */
function split(node: PendingNode): readonly Value[] {
  const x = inputOf(node, 0);
  const axis = axisOf(node, takeInt(node, "axis") ?? 0, x.shape.length);
  const parts = takeInt(node, "num_outputs") ?? node.outputCount;
  const size = x.shape[axis];
  let sizes = numbersOf(node, 1);
  if (!sizes) {
    if (node.inputs[1]) constantOf(node, 1, "sizes");
    if (typeof size !== "number")
      return malformed(`${node.what}: axis ${axis} has no known size to be split`);
    if (parts < 1 || parts > MAX_PARTS)
      malformed(`${node.what}: expected 1 to ${MAX_PARTS} outputs, found ${parts}`);
    const whole = Math.ceil(size / parts);
    sizes = Array.from({ length: parts }, (_, i) => Math.max(0, Math.min(whole, size - i * whole)));
  }
  if (
    sizes.length > MAX_PARTS ||
    sizes.reduce((a, b) => a + b, 0) !== size ||
    sizes.some((part) => part < 0)
  ) {
    malformed(`${node.what}: the sizes ${sizes.slice(0, 8).join(", ")} should add up to ${size}`);
  }
  let start = 0;
  return sizes.map((part) => {
    const bounds = [[start], [start + part], [axis]].map((numbers) => node.constant(numbers));
    start += part;
    return node.add("Slice", [x, ...bounds])[0];
  });
}

function constantOfShape(node: PendingNode): readonly Value[] {
  const stored = takeTensor(node, "value");
  const value = stored ? readTensor(stored, node.what) : scalar(0);
  const [element, ...others] = value.data;
  if (element === undefined || others.length > 0) malformed(`${node.what}: expected one element as value`);
  const one = node.constant(tensor([], value.data, value.dtype));
  return node.add("Expand", [one, inputOf(node, 0)]);
}

/** Only of constants: its limit becomes a shape. */
function range(node: PendingNode): readonly Value[] {
  const [start, limit, step] = ["start", "limit", "step"].map((name, i) => constantOf(node, i, name)[0]);
  const length = Math.max(0, Math.ceil((limit - start) / step));
  if (!(length <= MAX_PARTS))
    malformed(`${node.what}: expected at most ${MAX_PARTS} elements, found ${length}`);
  const numbers = Array.from({ length }, (_, i) => start + i * step);
  return [node.constant(tensor([length], numbers, inputOf(node, 0).dtype))];
}

/** [N, C, H, W] → [N, C/b², H·b, W·b]. DCR: the block's row and column are the slower part of the channel; CRD: the faster. */
function depthToSpace(node: PendingNode): readonly Value[] {
  const [x, block, [c, h, w]] = blocks(node);
  const mode = takeString(node, "mode") ?? "DCR";
  if (mode !== "DCR" && mode !== "CRD") malformed(`${node.what}: expected mode DCR or CRD, found "${mode}"`);
  const depth = c / block ** 2;
  const apart = mode === "DCR" ? [block, block, depth] : [depth, block, block];
  const perm = mode === "DCR" ? [0, 3, 4, 1, 5, 2] : [0, 1, 4, 2, 5, 3];
  return regroup(node, x, [...apart, h, w], perm, [depth, h * block, w * block]);
}

/** [N, C, H, W] → [N, C·b², H/b, W/b]. */
function spaceToDepth(node: PendingNode): readonly Value[] {
  const [x, block, [c, h, w]] = blocks(node);
  const [rows, columns] = [h / block, w / block];
  const apart = [c, rows, block, columns, block];
  return regroup(node, x, apart, [0, 3, 5, 1, 2, 4], [c * block ** 2, rows, columns]);
}

function blocks(node: PendingNode): [Value, number, [number, number, number]] {
  const x = inputOf(node, 0);
  const block = takeInt(node, "blocksize") ?? malformed(`${node.what}: attribute "blocksize" is missing`);
  const [, c, h, w] = x.shape;
  if (
    x.shape.length !== 4 ||
    typeof c !== "number" ||
    typeof h !== "number" ||
    typeof w !== "number" ||
    block < 1
  ) {
    return malformed(`${node.what}: expected a map N×C×H×W of known size, found [${x.shape.join(", ")}]`);
  }
  return [x, block, [c, h, w]];
}

/** Reshape, Transpose, Reshape; the first axis stays. */
function regroup(
  node: PendingNode,
  x: Value,
  apart: readonly number[],
  perm: readonly number[],
  together: readonly number[],
): readonly Value[] {
  if (apart.some((dim) => !Number.isInteger(dim)) || together.some((dim) => !Number.isInteger(dim))) {
    malformed(`${node.what}: the blocks do not divide [${x.shape.join(", ")}]`);
  }
  const [parts] = node.add("Reshape", [x, node.constant([0, ...apart])]);
  const [moved] = node.add("Transpose", [parts], { perm });
  return node.add("Reshape", [moved, node.constant([0, ...together])]);
}

/** A number of the dtype of the first input. */
function like(node: PendingNode, value: number): Value {
  const { dtype } = inputOf(node, 0);
  if (dtype === "float32" || dtype === "float64") return node.constant(scalar(value, dtype));
  throw new SenetError(
    "shape",
    `${node.what}: expected float32 or float64, found ${dtype}; convert the model.`,
  );
}

function axisOf(node: PendingNode, axis: number, rank: number): number {
  const normal = axis < 0 ? axis + rank : axis;
  if (normal >= 0 && normal < Math.max(rank, 1)) return normal;
  return malformed(`${node.what}: axis ${axis} does not exist in ${rank} dimensions`);
}
