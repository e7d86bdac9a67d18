import { type DType, dtypes } from "../../ir/dtype.ts";
import { sizeOf } from "../../ir/shape.ts";
import type { Tensor, TensorData } from "../../ir/tensor.ts";

/** How a tensor lies in memory: as PyTorch's and numpy's arrays do, its strides counted in elements. */
export interface Layout {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  /** Of its first element. */
  readonly offset: number;
}

/** Whether elements lie in row-major order without gaps. An axis of one element may have any stride. */
export function isContiguous({ shape, strides }: Layout): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== expected) return false;
    expected *= shape[axis];
  }
  return true;
}

/** One past the last element that a tensor uses; its offset where it has none. */
export function extentOf({ shape, strides, offset }: Layout): number {
  if (sizeOf(shape) === 0) return offset;
  return shape.reduce((last, dim, axis) => last + (dim - 1) * strides[axis], offset) + 1;
}

/**
 * A copy of a tensor in row-major order.
 *
 * @param data holds every element that the layout reaches
 */
export function strided(data: TensorData, layout: Layout & { readonly dtype: DType }): Tensor {
  const { dtype, shape, strides, offset } = layout;
  const count = sizeOf(shape);
  const result: TensorData = new dtypes[dtype].array(count);
  const index = new Array<number>(shape.length).fill(0);
  let at = offset;
  for (let i = 0; i < count; i++) {
    result[i] = data[at];
    // The next index, the last axis first, as an odometer turns.
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += strides[axis];
      index[axis]++;
      if (index[axis] < shape[axis]) break;
      at -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return { dtype, shape, data: result };
}
