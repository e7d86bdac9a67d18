import { describe, expect, it } from "vitest";
import { reference } from "./index.ts";
import { refTensor, refZeros } from "./ref-tensor.ts";

const x = refTensor([2, 3], [1, 2, 3, 4, 5, 6]);
const list = (...values: number[]) => refTensor([values.length], values);
const line = list(0, 1, 2, 3, 4, 5);

describe("Concat", () => {
  it("along either axis", () => {
    const [row, column] = [refTensor([1, 3], [7, 8, 9]), refTensor([2, 1], [7, 8])];
    expect(reference.Concat([x, row], { axis: 0 })).toEqual([refTensor([3, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9])]);
    expect(reference.Concat([column, x], { axis: -1 })).toEqual([
      refTensor([2, 4], [7, 1, 2, 3, 8, 4, 5, 6]),
    ]);
  });
});

describe("Slice", () => {
  const bound = 2 ** 63;
  it.each([
    ["a middle", 1, 4, 1, [1, 2, 3]],
    ["from the end", -2, bound, 1, [4, 5]],
    ["bounds clamped", -100, 100, 1, [0, 1, 2, 3, 4, 5]],
    ["every second", 0, 6, 2, [0, 2, 4]],
    ["every second, uneven", 1, 6, 2, [1, 3, 5]],
    ["backwards", -1, -bound, -1, [5, 4, 3, 2, 1, 0]],
    ["backwards by two, part", 4, 0, -2, [4, 2]],
    ["backwards from beyond", 100, -4, -1, [5, 4, 3]],
    ["nothing", 4, 2, 1, []],
  ])("%s", (_, start, end, step, y) => {
    const [found] = reference.Slice([line, list(start), list(end), list(0), list(step)], {});
    expect(Array.from(found.data)).toEqual(y);
  });

  it("takes the first axes when none is named, and any when named", () => {
    expect(reference.Slice([x, list(1), list(2)], {})).toEqual([refTensor([1, 3], [4, 5, 6])]);
    expect(reference.Slice([x, list(0, 1), list(2, 3), list(-2, -1)], {})).toEqual([
      refTensor([2, 2], [2, 3, 5, 6]),
    ]);
  });
});

describe("Pad", () => {
  it("pads with a value: begins first, then ends", () => {
    expect(reference.Pad([x, list(1, 0, 0, 2), refTensor([], [9])], { mode: "constant" })).toEqual([
      refTensor([3, 5], [9, 9, 9, 9, 9, 1, 2, 3, 9, 9, 4, 5, 6, 9, 9]),
    ]);
  });

  it("crops where pads are negative, and shifts when the signs differ", () => {
    expect(reference.Pad([x, list(-1, 0, 0, -1)], {})).toEqual([refTensor([1, 2], [4, 5])]);
    expect(reference.Pad([x, list(0, -1, 0, 1)], {})).toEqual([refTensor([2, 3], [2, 3, 0, 5, 6, 0])]);
    expect(reference.Pad([x, list(0, 1, 0, -1)], {})).toEqual([refTensor([2, 3], [0, 1, 2, 0, 4, 5])]);
  });

  it("pads named axes only", () => {
    expect(reference.Pad([x, list(1, 0), null, list(-1)], {})).toEqual([
      refTensor([2, 4], [0, 1, 2, 3, 0, 4, 5, 6]),
    ]);
  });

  it("repeats the edge, or mirrors what is inside of it", () => {
    const row = refTensor([4], [1, 2, 3, 4]);
    const padded = (mode: string) => Array.from(reference.Pad([row, list(3, 2)], { mode })[0].data);
    expect(padded("edge")).toEqual([1, 1, 1, 1, 2, 3, 4, 4, 4]);
    expect(padded("reflect")).toEqual([4, 3, 2, 1, 2, 3, 4, 3, 2]);
  });

  it("knows no other mode", () => {
    expect(() => reference.Pad([x, list(0, 0, 0, 0)], { mode: "wrap" })).toThrow('found "wrap"');
  });
});

describe("OneHot", () => {
  it("along the last axis or the first, all off when out of range", () => {
    const inputs = [list(2, 0, -1, 3), refTensor([], [3]), list(0.1, 0.9)];
    const [last] = reference.OneHot(inputs, { axis: -1 });
    expect(last).toEqual(refTensor([4, 3], [0.1, 0.1, 0.9, 0.9, 0.1, 0.1, 0.1, 0.1, 0.9, 0.1, 0.1, 0.1]));
    const [first] = reference.OneHot(inputs, { axis: 0 });
    expect(first).toEqual(reference.Transpose([last], { perm: [1, 0] })[0]);
    expect(reference.OneHot([refZeros([2, 5]), list(4), list(0, 1)], { axis: 1 })[0].shape).toEqual([
      2, 4, 5,
    ]);
  });
});
