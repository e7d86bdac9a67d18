import { describe, expect, it } from "vitest";
import { reference } from "./index.ts";
import { refTensor, refZeros } from "./ref-tensor.ts";

const x = refTensor([2, 3], [1, 2, 3, 4, 5, 6]);
const list = (...values: number[]) => refTensor([values.length], values);
const cube = refZeros([2, 3, 4]);

describe("layout operators", () => {
  it("Reshape: -1 is the rest, 0 copies", () => {
    expect(reference.Reshape([x, list(3, -1)], {})).toEqual([refTensor([3, 2], x.data)]);
    expect(reference.Reshape([cube, list(0, -1)], { allowzero: 0 })[0].shape).toEqual([2, 12]);
    expect(reference.Reshape([cube, list(4, 0, 2)], {})[0].shape).toEqual([4, 3, 2]);
    expect(reference.Reshape([refZeros([0, 3]), list(3, 0)], { allowzero: 1 })[0].shape).toEqual([3, 0]);
    expect(() => reference.Reshape([x, list(4, 2)], {})).toThrow("expected 8 elements, found 6");
  });

  it.each([
    [0, [1, 24]],
    [1, [2, 12]],
    [2, [6, 4]],
    [3, [24, 1]],
    [-1, [6, 4]],
  ])("Flatten at %i", (axis, shape) => {
    expect(reference.Flatten([cube], { axis })[0].shape).toEqual(shape);
  });

  it("Transpose", () => {
    expect(reference.Transpose([x], { perm: [1, 0] })).toEqual([refTensor([3, 2], [1, 4, 2, 5, 3, 6])]);
    expect(reference.Transpose([cube], {})[0].shape).toEqual([4, 3, 2]);
    // Axis i of the output is axis perm[i] of the input: y[k, i, j] = x[i, j, k].
    const deep = refTensor([2, 2, 3], [0, 1, 2, 10, 11, 12, 100, 101, 102, 110, 111, 112]);
    expect(reference.Transpose([deep], { perm: [2, 0, 1] })).toEqual([
      refTensor([3, 2, 2], [0, 10, 100, 110, 1, 11, 101, 111, 2, 12, 102, 112]),
    ]);
  });

  it("Expand broadcasts in both directions", () => {
    const column = refTensor([2, 1], [1, 2]);
    expect(reference.Expand([column, list(3)], {})).toEqual([refTensor([2, 3], [1, 1, 1, 2, 2, 2])]);
    expect(reference.Expand([column, list(2, 1, 1)], {})).toEqual([refTensor([2, 2, 1], [1, 2, 1, 2])]);
  });
});
