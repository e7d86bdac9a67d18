import { normal, randomStream } from "../../src/base/random.ts";
import { refTensor } from "../../src/reference/ref-tensor.ts";
import type { RefTensor } from "../../src/reference/types.ts";

/** Normal random numbers in a shape, always the same for the same seed. */
export function randomTensor(shape: readonly number[], seed: number): RefTensor {
  const random = randomStream(seed);
  const size = shape.reduce((product, dim) => product * dim, 1);
  return refTensor(
    shape,
    Float64Array.from({ length: size }, () => normal(random)),
  );
}

/** The sum of products of corresponding elements: a scalar loss whose gradient with respect to `a` is `b`. */
export function dot(a: RefTensor, b: RefTensor): number {
  return a.data.reduce((sum, value, i) => sum + value * b.data[i], 0);
}

/** `‖found − expected‖ / ‖expected‖`. */
export function relativeError(found: RefTensor, expected: RefTensor): number {
  const difference = refTensor(
    expected.shape,
    expected.data.map((value, i) => found.data[i] - value),
  );
  return Math.sqrt(dot(difference, difference) / dot(expected, expected));
}

/**
 * The gradient of a function of one tensor, measured: `(f(x + step) − f(x − step)) / (2·step)` for each element.
 * Its error is of the order of step² (curvature) and 10⁻¹⁶/step (rounding).
 *
 * @example centralDifferences((x) => x.data[0] ** 2, refTensor([1], [3])).data[0] // 6
 */
export function centralDifferences(f: (x: RefTensor) => number, x: RefTensor, step = 1e-4): RefTensor {
  const moved = (i: number, by: number) => f({ shape: x.shape, data: x.data.with(i, x.data[i] + by) });
  return { shape: x.shape, data: x.data.map((_, i) => (moved(i, step) - moved(i, -step)) / (2 * step)) };
}
