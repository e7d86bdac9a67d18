import { expect, it } from "vitest";
import { tensor, zeros } from "./tensor.ts";

it("zeros fill the shape", () => {
  expect(zeros([2, 3]).data).toEqual(new Float32Array(6));
  expect(zeros([], "int64").data).toEqual(new BigInt64Array(1));
  expect(zeros([0, 3]).data).toHaveLength(0);
});

it.each([[[-1, 3]], [[1.5]], [[Number.NaN, 2]]])("there are no zeros of shape %j", (shape) => {
  expect(() => zeros(shape)).toThrow(
    `Tensor of zeros: expected dimensions that are whole numbers from 0, found [${shape.join(", ")}]; correct the shape.`,
  );
});

it("int64 ends where it ends", () => {
  const { data } = tensor([3], [2 ** 63, -(2 ** 64), 7], "int64");
  expect(data).toEqual(BigInt64Array.of(2n ** 63n - 1n, -(2n ** 63n), 7n));
});

it.each([0.5, Number.POSITIVE_INFINITY])("int64 does not hold %d", (number) => {
  expect(() => tensor([1], [number], "int64")).toThrow(
    `Tensor of int64: expected whole numbers, found ${number}; round it, or take a float dtype.`,
  );
});
