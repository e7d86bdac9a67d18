import { SenetError } from "../base/errors.ts";

/** A dimension: a number, or a symbol such as `"N"` that is known only when the graph runs. */
export type Dim = number | string;

/** Dimensions of a tensor, the outermost first; none for a scalar. */
export type Shape = readonly Dim[];

/**
 * Text for messages: `[N, 16, 32, 32]`.
 *
 * @example formatShape(["N", 16, 32, 32]) // "[N, 16, 32, 32]"
 */
export function formatShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/** Product of two dimensions; a symbol stays readable: `N·49`. */
export function multiplyDims(a: Dim, b: Dim): Dim {
  if (typeof a === "number" && typeof b === "number") return a * b;
  if (a === 1) return b;
  if (b === 1) return a;
  if (a === 0 || b === 0) return 0;
  return `${a}·${b}`;
}

/** Count of elements; a symbol where a dimension is one. */
export function elementCount(shape: Shape): Dim {
  return shape.reduce(multiplyDims, 1);
}

/** Count of elements of a fully known shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

/**
 * Shape of an element-wise operation on `a` and `b` (ONNX multidirectional broadcasting, as numpy's):
 * aligned from the right, dimensions must be equal or one of them 1.
 *
 * @throws SenetError `shape` naming `what` and both dimensions.
 */
export function broadcastShapes(a: Shape, b: Shape, what: string): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left === right || right === 1) return left;
    if (left === 1) return right;
    throw new SenetError(
      "shape",
      `${what}: shapes ${formatShape(a)} and ${formatShape(b)} do not broadcast, because ${left} and ${right} differ and neither is 1; reshape one.`,
    );
  });
}

/** Axes of `from` (aligned to the right) over which a value of shape `to` was repeated to become `from`. */
export function broadcastAxes(to: Shape, from: Shape): number[] {
  const offset = from.length - to.length;
  return from.flatMap((dim, axis) => {
    const own = axis < offset ? 1 : (to[axis - offset] ?? 1);
    return axis < offset || (own === 1 && dim !== 1) ? [axis] : [];
  });
}

/** Whether a shape is that of maps of one pixel, [N,C,1,1]. */
export function isOnePixel(shape: Shape): boolean {
  return shape.length === 4 && shape[2] === 1 && shape[3] === 1;
}
