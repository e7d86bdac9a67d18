import { SenetError } from "../base/errors.ts";
import { sizeOf } from "../ir/shape.ts";
import type { Tensor } from "../ir/tensor.ts";
import type { RefTensor } from "./types.ts";

/**
 * A reference tensor from its elements in row-major order.
 *
 * @example refTensor([2, 2], [1, 2, 3, 4])
 * @throws SenetError `shape` when the number of elements is not the product of the dimensions.
 */
export function refTensor(shape: readonly number[], values: ArrayLike<number>): RefTensor {
  if (values.length !== sizeOf(shape)) {
    throw new SenetError(
      "shape",
      `Reference tensor of shape [${shape.join(", ")}]: expected ${sizeOf(shape)} elements, found ${values.length}; pass as many as the shape holds.`,
    );
  }
  return { shape, data: values instanceof Float64Array ? values : Float64Array.from(values) };
}

/** A stored tensor as the reference evaluator sees it. float16, which is kept as bits, is not supported. */
export function toRef(tensor: Tensor): RefTensor {
  if (tensor.dtype === "float16") {
    throw new SenetError("graph", "toRef: expected any dtype but float16, found float16; widen it first.");
  }
  return refTensor(tensor.shape, Float64Array.from(tensor.data as ArrayLike<number | bigint>, Number));
}

/** A reference tensor of zeros. */
export function refZeros(shape: readonly number[]): RefTensor {
  return { shape, data: new Float64Array(sizeOf(shape)) };
}

/** The tensor whose element at each index is `element(index)`. The index array is reused between calls. */
export function tabulate(shape: readonly number[], element: (index: readonly number[]) => number): RefTensor {
  const result = refZeros(shape);
  const index = shape.map(() => 0);
  for (let offset = 0; offset < result.data.length; offset++) {
    result.data[offset] = element(index);
    advance(index, shape);
  }
  return result;
}

/** Moves to the next index in row-major order: the last axis counts fastest, as on an odometer. */
function advance(index: number[], shape: readonly number[]): void {
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index[axis]++;
    if (index[axis] < shape[axis]) return;
    index[axis] = 0;
  }
}

/** Position of an index in row-major order. */
function offsetOf(shape: readonly number[], index: readonly number[]): number {
  let offset = 0;
  for (let axis = 0; axis < shape.length; axis++) offset = offset * shape[axis] + index[axis];
  return offset;
}

/** The element at an index. */
export function at(x: RefTensor, index: readonly number[]): number {
  return x.data[offsetOf(x.shape, index)];
}

/** The element that broadcasting puts at an index of a larger shape: aligned to the right, a dimension of 1 repeats. */
export function atBroadcast(x: RefTensor, index: readonly number[]): number {
  const skipped = index.length - x.shape.length;
  let offset = 0;
  for (let axis = 0; axis < x.shape.length; axis++) {
    offset = offset * x.shape[axis] + (x.shape[axis] === 1 ? 0 : index[axis + skipped]);
  }
  return x.data[offset];
}

/** The shape to which all of `shapes` broadcast (ONNX multidirectional broadcasting, as numpy's). */
export function broadcast(...shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    const dims = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1);
    const wide = dims.find((dim) => dim !== 1) ?? 1;
    if (dims.every((dim) => dim === 1 || dim === wide)) return wide;
    throw new SenetError(
      "shape",
      `Reference evaluator: shapes ${shapes.map((s) => `[${s.join(", ")}]`).join(" and ")} do not broadcast; on each axis they must be equal or 1.`,
    );
  });
}

/** An axis counted from the front; a negative one counts from the back. */
export function positiveAxis(axis: number, rank: number): number {
  const positive = axis < 0 ? axis + rank : axis;
  if (Number.isInteger(positive) && positive >= 0 && positive < rank) return positive;
  throw new SenetError(
    "shape",
    `Reference evaluator: expected an axis from ${-rank} to ${rank - 1}, found ${axis}; correct the axis.`,
  );
}
