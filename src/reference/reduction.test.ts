import { describe, expect, it } from "vitest";
import { reference } from "./index.ts";
import { refTensor } from "./ref-tensor.ts";

// [[[1, 2], [3, 4], [5, 6]], [[−1, −2], [−3, −4], [−5, −6]]]
const x = refTensor([2, 3, 2], [1, 2, 3, 4, 5, 6, -1, -2, -3, -4, -5, -6]);
const axes = (...values: number[]) => refTensor([values.length], values);

describe("Reduce operators", () => {
  it.each([
    ["ReduceSum", [9, 12, -9, -12]],
    ["ReduceMean", [3, 4, -3, -4]],
    ["ReduceSumSquare", [35, 56, 35, 56]],
  ] as const)("%s along one axis", (op, y) => {
    expect(reference[op]([x, axes(1)], { keepdims: 0 })).toEqual([refTensor([2, 2], y)]);
    expect(reference[op]([x, axes(-2)], { keepdims: 1 })).toEqual([refTensor([2, 1, 2], y)]);
  });

  it("reduces several axes", () => {
    expect(reference.ReduceSum([x, axes(2, 0)], { keepdims: 0 })).toEqual([refTensor([3], [0, 0, 0])]);
    expect(reference.ReduceSum([x, axes(1, -1)], { keepdims: 1 })).toEqual([refTensor([2, 1, 1], [21, -21])]);
  });

  it("reduces all axes when none is given, or none at all on request", () => {
    expect(reference.ReduceSumSquare([x], { keepdims: 0 })).toEqual([refTensor([], [182])]);
    expect(reference.ReduceMean([x, axes()], { keepdims: 1 })).toEqual([refTensor([1, 1, 1], [0])]);
    expect(reference.ReduceSum([x, axes()], { noop_with_empty_axes: 1 })).toEqual([x]);
    expect(reference.ReduceMean([x], { noop_with_empty_axes: 1 })).toEqual([x]);
    const squares = x.data.map((value) => value * value);
    expect(reference.ReduceSumSquare([x], { noop_with_empty_axes: 1 })).toEqual([
      refTensor(x.shape, squares),
    ]);
  });

  it("GlobalAveragePool keeps the spatial axes as 1", () => {
    expect(reference.GlobalAveragePool([x], {})).toEqual([
      refTensor([2, 3, 1], [1.5, 3.5, 5.5, -1.5, -3.5, -5.5]),
    ]);
    const image = refTensor([1, 2, 2, 2], [1, 2, 3, 6, 4, 4, 4, 8]);
    expect(reference.GlobalAveragePool([image], {})).toEqual([refTensor([1, 2, 1, 1], [3, 5])]);
  });
});

describe("Softmax and LogSoftmax", () => {
  // exp of these is 1, 2, 5 and 1, 1, 2.
  const logits = refTensor([2, 3], [0, Math.log(2), Math.log(5), 0, 0, Math.log(2)]);
  const expectClose = (found: ArrayLike<number>, expected: number[]) =>
    expected.forEach((value, i) => {
      expect(found[i]).toBeCloseTo(value, 14);
    });

  it("Softmax along either axis", () => {
    expectClose(reference.Softmax([logits], { axis: -1 })[0].data, [1 / 8, 2 / 8, 5 / 8, 0.25, 0.25, 0.5]);
    expectClose(reference.Softmax([logits], { axis: 0 })[0].data, [1 / 2, 2 / 3, 5 / 7, 1 / 2, 1 / 3, 2 / 7]);
  });

  it("LogSoftmax is its logarithm, and does not overflow", () => {
    const expected = [1 / 8, 2 / 8, 5 / 8, 0.25, 0.25, 0.5].map(Math.log);
    expectClose(reference.LogSoftmax([logits], { axis: 1 })[0].data, expected);
    const far = refTensor([2], [1000, 0]);
    expectClose(reference.LogSoftmax([far], { axis: 0 })[0].data, [0, -1000]);
    expectClose(reference.Softmax([far], { axis: 0 })[0].data, [1, 0]);
  });
});
