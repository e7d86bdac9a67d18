import { describe, expect, it } from "vitest";
import { refTensor } from "../src/reference/ref-tensor.ts";
import { centralDifferences, dot, randomTensor, relativeError } from "./support/gradient-check.ts";

describe("gradient check", () => {
  it("measures the gradient of a cubic", () => {
    const x = refTensor([3], [1, -2, 3]);
    const gradient = centralDifferences(
      (point) =>
        dot(
          point,
          refTensor(
            [3],
            point.data.map((v) => v * v),
          ),
        ),
      x,
    );
    expect(relativeError(gradient, refTensor([3], [3, 12, 27]))).toBeLessThan(1e-8);
  });

  it("relative error compares with the length of what is expected", () => {
    expect(relativeError(refTensor([2], [3, 5]), refTensor([2], [3, 4]))).toBeCloseTo(0.2, 15);
  });

  it("draws the same numbers for the same seed only", () => {
    expect(randomTensor([2, 2], 1)).toEqual(randomTensor([2, 2], 1));
    expect(randomTensor([2, 2], 1)).not.toEqual(randomTensor([2, 2], 2));
  });
});
