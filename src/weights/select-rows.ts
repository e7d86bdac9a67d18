import { SenetError } from "../base/errors.ts";
import { dtypes } from "../ir/dtype.ts";
import { sizeOf } from "../ir/shape.ts";
import type { Tensor, TensorData } from "../ir/tensor.ts";

/**
 * Rows of a tensor along its first axis, in another order or fewer of them.
 *
 * @param rows the source row of each row of the result
 */
export function selectRows(tensor: Tensor, rows: readonly number[], where: string): Tensor {
  const { dtype, data } = tensor;
  const [count = 0, ...rest] = tensor.shape;
  const wrong = rows.find((row) => !Number.isInteger(row) || row < 0 || row >= count);
  if (wrong !== undefined) {
    throw new SenetError(
      "usage",
      `${where}: expected classes from 0 to ${count - 1}, found ${wrong}; correct the order of labels.`,
    );
  }
  const size = sizeOf(rest);
  const result: TensorData = new dtypes[dtype].array(rows.length * size);
  for (const [i, row] of rows.entries()) {
    result.set(data.subarray(row * size, (row + 1) * size) as never, i * size);
  }
  return { dtype, shape: [rows.length, ...rest], data: result };
}
