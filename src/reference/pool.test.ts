import { describe, expect, it } from "vitest";
import { centralDifferences, dot, randomTensor, relativeError } from "../../test/support/gradient-check.ts";
import { reference } from "./index.ts";
import { refTensor } from "./ref-tensor.ts";

const square = refTensor([1, 1, 3, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9]);
const by2 = { kernel_shape: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0], ceil_mode: 0 };
const average = { ...by2, count_include_pad: 0 };
const max = { ...by2, dilations: [1, 1] };
const ring = { pads: [1, 1, 1, 1] };

describe("MaxPool", () => {
  const numbers = (attrs: typeof max, x = square) => Array.from(reference.MaxPool([x], attrs)[0].data);

  it("floors or ceils the count of windows", () => {
    expect(reference.MaxPool([square], max)).toEqual([refTensor([1, 1, 1, 1], [5])]);
    expect(reference.MaxPool([square], { ...max, ceil_mode: 1 })).toEqual([
      refTensor([1, 1, 2, 2], [5, 6, 8, 9]),
    ]);
  });

  it("padding never wins", () => {
    expect(numbers({ ...max, ...ring })).toEqual([1, 3, 7, 9]);
    expect(numbers({ ...max, ...ring }, reference.Neg([square], {})[0])).toEqual([-1, -2, -4, -5]);
  });

  it("ceil_mode adds no window that starts in the padding after the input", () => {
    expect(numbers({ ...max, ...ring, ceil_mode: 1 })).toEqual([1, 3, 7, 9]);
  });

  it("dilation", () => {
    expect(numbers({ ...max, dilations: [2, 2] })).toEqual([9]);
    expect(numbers({ ...max, dilations: [1, 2], strides: [1, 1] })).toEqual([6, 9]);
  });

  it("overlapping windows, and planes kept apart", () => {
    const planes = refTensor([2, 2, 1, 3], [1, 5, 2, 9, 0, 3, 0, 0, 7, 4, 4, 1]);
    expect(reference.MaxPool([planes], { ...max, kernel_shape: [1, 2], strides: [1, 1] })).toEqual([
      refTensor([2, 2, 1, 2], [5, 5, 9, 3, 0, 7, 4, 4]),
    ]);
  });
});

describe("AveragePool", () => {
  const numbers = (attrs: typeof average, x = square) =>
    Array.from(reference.AveragePool([x], attrs)[0].data);

  it("floors or ceils the count of windows", () => {
    expect(numbers(average)).toEqual([3]);
    expect(numbers({ ...average, ceil_mode: 1 })).toEqual([3, 4.5, 7.5, 9]);
  });

  it("counts padding only when told", () => {
    expect(numbers({ ...average, ...ring })).toEqual([1, 2.5, 5.5, 7]);
    expect(numbers({ ...average, ...ring, count_include_pad: 1 })).toEqual([0.25, 1.25, 2.75, 7]);
  });

  it("never counts what ceil_mode adds beyond the padding", () => {
    expect(numbers({ ...average, ceil_mode: 1, count_include_pad: 1 })).toEqual([3, 4.5, 7.5, 9]);
    // Windows (pad 1 2), (3 4 5), (6 pad –): the last is divided by 2.
    const line = refTensor([1, 1, 1, 6], [1, 2, 3, 4, 5, 6]);
    const attrs = { kernel_shape: [1, 3], strides: [1, 3], pads: [0, 1, 0, 1], ceil_mode: 1 };
    expect(numbers({ ...attrs, count_include_pad: 1 }, line)).toEqual([1, 4, 3]);
    expect(numbers({ ...attrs, count_include_pad: 0 }, line)).toEqual([1.5, 4, 6]);
  });
});

describe("gradients of pooling", () => {
  it("MaxPoolGrad gives all to the first of equal maxima, and adds up where windows overlap", () => {
    const attrs = { ...max, kernel_shape: [1, 2], strides: [1, 1] };
    const dy = refTensor([1, 1, 1, 2], [10, 100]);
    const gradient = (...x: number[]) =>
      Array.from(reference.MaxPoolGrad([dy, refTensor([1, 1, 1, 3], x)], attrs)[0].data);
    expect(gradient(1, 5, 2)).toEqual([0, 110, 0]);
    expect(gradient(3, 3, 3)).toEqual([10, 100, 0]);
    const block = refTensor([1, 1, 2, 2], [1, 8, 8, 8]);
    expect(reference.MaxPoolGrad([refTensor([1, 1, 1, 1], [2]), block], max)).toEqual([
      refTensor([1, 1, 2, 2], [0, 2, 0, 0]),
    ]);
  });

  it.each([
    { name: "2×2", ...by2 },
    { name: "3×3 stride 2 padded, as ResNet's stem", ...by2, kernel_shape: [3, 3], ...ring },
    { name: "3×3 stride 2 ceil_mode, as SENet's stem", ...by2, kernel_shape: [3, 3], ceil_mode: 1 },
    {
      name: "padded ceil_mode",
      ...by2,
      kernel_shape: [3, 2],
      pads: [1, 0, 1, 1],
      strides: [3, 2],
      ceil_mode: 1,
    },
    { name: "stride 1", ...by2, strides: [1, 1] },
  ])("against central differences: $name", ({ name: _, ...attrs }) => {
    const x = randomTensor([2, 2, 6, 7], 1);

    const maxAttrs = { ...attrs, dilations: [1, 1] };
    const dy = randomTensor(reference.MaxPool([x], maxAttrs)[0].shape, 2);
    const measuredMax = centralDifferences((moved) => dot(reference.MaxPool([moved], maxAttrs)[0], dy), x);
    expect(relativeError(reference.MaxPoolGrad([dy, x], maxAttrs)[0], measuredMax)).toBeLessThan(1e-9);

    for (const count_include_pad of [0, 1]) {
      const averageAttrs = { ...attrs, count_include_pad };
      const forward = (moved: typeof x) => dot(reference.AveragePool([moved], averageAttrs)[0], dy);
      const [dx] = reference.AveragePoolGrad([dy], { ...averageAttrs, input_shape: x.shape });
      expect(dx.shape).toEqual(x.shape);
      expect(relativeError(dx, centralDifferences(forward, x))).toBeLessThan(1e-9);
    }
  });

  it("MaxPoolGrad with dilation, against central differences", () => {
    const x = randomTensor([1, 2, 6, 7], 1);
    const attrs = { ...max, dilations: [2, 3], strides: [1, 2], pads: [1, 0, 0, 1] };
    const dy = randomTensor(reference.MaxPool([x], attrs)[0].shape, 2);
    const measured = centralDifferences((moved) => dot(reference.MaxPool([moved], attrs)[0], dy), x);
    expect(relativeError(reference.MaxPoolGrad([dy, x], attrs)[0], measured)).toBeLessThan(1e-9);
  });
});
