import type { DType } from "../../ir/dtype.ts";
import { type Tensor, tensor } from "../../ir/tensor.ts";

/** Numbers as a stored tensor; those of an integer type are cut towards zero. */
export function toStored(dtype: DType, shape: readonly number[], numbers: ArrayLike<number>): Tensor {
  const isFloat = dtype === "float32" || dtype === "float64";
  return tensor(shape, isFloat ? Array.from(numbers) : Array.from(numbers, Math.trunc), dtype);
}
