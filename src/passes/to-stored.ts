import { type DType, dtypes } from "../ir/dtype.ts";
import { type Tensor, tensor } from "../ir/tensor.ts";

const INT64 = { least: -(2n ** 63n), greatest: 2n ** 63n - 1n } as const;

/** Numbers as a stored tensor; those of an integer type are cut towards zero, and int64 ends where it ends ("until the last" in slices). */
export function toStored(dtype: DType, shape: readonly number[], numbers: ArrayLike<number>): Tensor {
  const isFloat = dtype === "float32" || dtype === "float64";
  const whole = isFloat ? Array.from(numbers) : Array.from(numbers, Math.trunc);
  const data = dtype === "int64" ? BigInt64Array.from(whole, toInt64) : new dtypes[dtype].array(whole);
  return tensor(shape, data, dtype);
}

function toInt64(number: number): bigint {
  const exact = BigInt(number);
  if (exact > INT64.greatest) return INT64.greatest;
  return exact < INT64.least ? INT64.least : exact;
}
