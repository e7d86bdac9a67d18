import type { Tensor } from "../ir/tensor.ts";

/** How far two tensors, or the outputs of two graphs, are apart. */
export interface TensorDifference {
  /** Maximum difference of two elements. */
  readonly absolute: number;
  /** The same over the maximum magnitude expected. */
  readonly relative: number;
}

/**
 * Compares a tensor with the one expected of the same size; both differences are Infinity where they differ in size or an element is NaN.
 */
export function tensorDifference(
  { data: expected }: Pick<Tensor, "data">,
  { data: found }: Pick<Tensor, "data">,
): TensorDifference {
  const different = { absolute: Number.POSITIVE_INFINITY, relative: Number.POSITIVE_INFINITY };
  if (expected.length !== found.length) return different;
  let [absolute, max] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    const [left, right] = [Number(expected[i]), Number(found[i])];
    const apart = Math.abs(left - right);
    if (Number.isNaN(apart)) return different;
    absolute = Math.max(absolute, apart);
    max = Math.max(max, Math.abs(left));
  }
  return { absolute, relative: absolute === 0 ? 0 : absolute / max };
}
