import { expect, it } from "vitest";
import { zeros } from "./tensor.ts";

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
