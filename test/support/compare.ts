import { expect } from "vitest";
import { sizeOf } from "../../src/ir/shape.ts";
import type { Tensor } from "../../src/ir/tensor.ts";
import { toRef } from "../../src/reference/ref-tensor.ts";
import type { RefTensor } from "../../src/reference/types.ts";

/** Largest difference of two elements, relative to the largest element expected (at least `floor`). */
export function largestError(found: RefTensor, expected: RefTensor, floor = 1e-30): number {
  let difference = 0;
  let scale = floor;
  expected.data.forEach((value, i) => {
    // Not Math.max, which would lose a NaN on the way to the comparison.
    const apart = Math.abs(found.data[i] - value);
    if (!(apart <= difference)) difference = apart;
    scale = Math.max(scale, Math.abs(value));
  });
  return difference / scale;
}

/** Expects the engine's outputs to be the reference's, to `tolerance` of each one's largest element. */
export function expectSame(
  found: Readonly<Record<string, Tensor>>,
  expected: Readonly<Record<string, RefTensor>>,
  tolerance = 1e-5,
): void {
  expect(Object.keys(found).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, wanted] of Object.entries(expected)) {
    const output = toRef(found[name]);
    expect(output.shape, name).toEqual(wanted.shape);
    expect(output.data.length, name).toBe(sizeOf(wanted.shape));
    expect(largestError(output, wanted), name).toBeLessThanOrEqual(tolerance);
  }
}
