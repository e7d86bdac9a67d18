import { describe, expect, it } from "vitest";
import { reference } from "./index.ts";
import { refTensor } from "./ref-tensor.ts";
import type { ReferenceFunction } from "./types.ts";

const vector = (...values: number[]) => refTensor([values.length], values);
const run = (f: ReferenceFunction, ...inputs: number[][]) =>
  Array.from(
    f(
      inputs.map((values) => vector(...values)),
      {},
    )[0].data,
  );

describe("element-wise operators", () => {
  it.each([
    ["Neg", [2, -3], [-2, 3]],
    ["Sqrt", [9, 0.25], [3, 0.5]],
    ["Identity", [7, -1], [7, -1]],
  ] as const)("%s", (op, x, y) => {
    expect(run(reference[op], [...x])).toEqual(y);
  });

  it.each([
    ["Add", [1, 2, 3], [4, -5, 3], [5, -3, 6]],
    ["Sub", [1, 2, 3], [4, -5, 3], [-3, 7, 0]],
    ["Mul", [1, 2, 3], [4, -5, 3], [4, -10, 9]],
    ["Div", [1, 2, 3], [4, -5, 3], [0.25, -0.4, 1]],
    ["Min", [1, 2, 3], [4, -5, 3], [1, -5, 3]],
    ["GreaterOrEqual", [1, 2, 3], [4, -5, 3], [0, 1, 1]],
    ["Equal", [1, 2, 3], [4, -5, 3], [0, 0, 1]],
  ] as const)("%s", (op, a, b, y) => {
    expect(run(reference[op], [...a], [...b])).toEqual(y);
  });

  it("Sum adds any number of inputs and broadcasts", () => {
    const [y] = reference.Sum([vector(1, 2), refTensor([2, 1], [10, 20]), refTensor([], [100])], {});
    expect(y).toEqual(refTensor([2, 2], [111, 112, 121, 122]));
  });

  it("broadcasts both inputs, aligned to the right", () => {
    const [y] = reference.Sub([refTensor([2, 1, 2], [1, 2, 3, 4]), refTensor([3, 1], [10, 20, 30])], {});
    expect(y.shape).toEqual([2, 3, 2]);
    expect(Array.from(y.data)).toEqual([-9, -8, -19, -18, -29, -28, -7, -6, -17, -16, -27, -26]);
  });

  it("refuses shapes that do not broadcast", () => {
    expect(() => run(reference.Add, [1, 2], [1, 2, 3])).toThrow("[2] and [3] do not broadcast");
  });

  it.each([
    ["float32", 1, [2.7, -2.7, 0.1]],
    ["int64", 7, [2, -2, 0]],
    ["int32", 6, [2, -2, 0]],
    ["bool", 9, [1, 1, 1]],
    ["int8", 3, [2, -2, 0]],
  ])("Cast to %s", (_, to, y) => {
    const [found] = reference.Cast([vector(2.7, -2.7, 0.1)], { to });
    // Truncation toward zero may leave −0, which is the integer 0.
    expect(Array.from(found.data, (x) => x + 0)).toEqual(y);
  });

  it("Cast to uint8 drops the high bits of an integer, and refuses strings", () => {
    expect(Array.from(reference.Cast([vector(258, 255)], { to: 2 })[0].data)).toEqual([2, 255]);
    expect(() => reference.Cast([vector(1)], { to: 8 })).toThrow("found ONNX data type 8");
  });
});
