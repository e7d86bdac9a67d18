import { describe, expect, it } from "vitest";
import { reference } from "./index.ts";
import { refTensor } from "./ref-tensor.ts";
import type { RefTensor } from "./types.ts";

const vector = (...values: number[]) => refTensor([values.length], values);
const scalar = (value: number) => refTensor([], [value]);
const numbers = ([y]: readonly RefTensor[]) => Array.from(y.data);

describe("activations", () => {
  it("Relu", () => {
    expect(numbers(reference.Relu([vector(-1, 0, 2)], {}))).toEqual([0, 0, 2]);
  });

  it("Sigmoid, far out too", () => {
    const [half, threeQuarters, one, zero] = numbers(
      reference.Sigmoid([vector(0, Math.log(3), 800, -800)], {}),
    );
    expect(half).toBe(0.5);
    expect(threeQuarters).toBeCloseTo(0.75, 15);
    expect([one, zero]).toEqual([1, 0]);
  });

  it("HardSigmoid", () => {
    const y = reference.HardSigmoid([vector(-9, -1, 0, 1, 9)], { alpha: 0.25, beta: 0.5 });
    expect(numbers(y)).toEqual([0, 0.25, 0.5, 0.75, 1]);
  });

  it("Clip with both bounds, one, none, and bounds that cross", () => {
    const x = vector(-2, 0.5, 3);
    expect(numbers(reference.Clip([x, scalar(0), scalar(1)], {}))).toEqual([0, 0.5, 1]);
    expect(numbers(reference.Clip([x, null, scalar(1)], {}))).toEqual([-2, 0.5, 1]);
    expect(numbers(reference.Clip([x, scalar(0)], {}))).toEqual([0, 0.5, 3]);
    expect(numbers(reference.Clip([x], {}))).toEqual([-2, 0.5, 3]);
    expect(numbers(reference.Clip([x, scalar(2), scalar(1)], {}))).toEqual([1, 1, 1]);
  });
});

describe("gradients of activations", () => {
  it("ReluGrad gives nothing at 0", () => {
    expect(numbers(reference.ReluGrad([vector(5, 6, 7), vector(0, 1, 0)], {}))).toEqual([0, 6, 0]);
  });

  it("HardSigmoidGrad gives nothing at the bounds", () => {
    const y = reference.HardSigmoidGrad([vector(4, 4, 4), vector(0, 0.5, 1)], { alpha: 0.25 });
    expect(numbers(y)).toEqual([0, 1, 0]);
  });
});

describe("dropout", () => {
  it("Dropout is the identity in inference", () => {
    expect(numbers(reference.Dropout([vector(1, 2), scalar(0.9)], {}))).toEqual([1, 2]);
  });

  it("Dropout refuses to train", () => {
    expect(() => reference.Dropout([vector(1), scalar(0.9), scalar(1)], {})).toThrow("DropoutTrain");
  });

  it("DropoutTrain keeps where the noise reaches the ratio, and scales", () => {
    const y = reference.DropoutTrain([vector(3, 6, 9), vector(0.2, 0.25, 0.9)], { ratio: 0.25 });
    expect(numbers(y)).toEqual([0, 8, 12]);
  });
});
