import { describe, expect, it } from "vitest";
import { centralDifferences, dot, randomTensor, relativeError } from "../../test/support/gradient-check.ts";
import { reference } from "./index.ts";
import { refTensor } from "./ref-tensor.ts";

const pair = (a: number, b: number) => refTensor([2], [a, b]);

describe("BatchNormalization", () => {
  it("uses the stored statistics of each channel", () => {
    const x = refTensor([1, 2, 1, 2], [1, 3, 10, 20]);
    // Standard deviations 2 and 5: 3·(x − 1)/2 + 0.5 and (x − 10)/5 − 1.
    const inputs = [x, pair(3, 1), pair(0.5, -1), pair(1, 10), pair(3, 24)];
    expect(reference.BatchNormalization(inputs, { epsilon: 1, momentum: 0.9, training_mode: 0 })).toEqual([
      refTensor([1, 2, 1, 2], [0.5, 3.5, -1, 1]),
    ]);
    expect(() => reference.BatchNormalization(inputs, { training_mode: 1 })).toThrow("BatchNormTrain");
  });
});

describe("BatchNormTrain", () => {
  // Channel 0 holds 1, 3, 5, 7: mean 4, biased variance 5, unbiased 20/3. Channel 1 holds only 2.
  const x = refTensor([2, 2, 2], [1, 3, 2, 2, 5, 7, 2, 2]);
  const inputs = [x, pair(2, 1), pair(10, 5), pair(0, 4), pair(1, 1)];

  it("normalizes by the biased variance and tracks the unbiased one", () => {
    const [y, mean, invStd, newMean, newVar] = reference.BatchNormTrain(inputs, {
      epsilon: 4,
      momentum: 0.25,
    });
    expect(mean).toEqual(pair(4, 2));
    expect(invStd).toEqual(pair(1 / 3, 1 / 2));
    const expected = [8, 10 - 2 / 3, 5, 5, 10 + 2 / 3, 12, 5, 5];
    expect(relativeError(y, refTensor([2, 2, 2], expected))).toBeLessThan(1e-15);
    expect(newMean).toEqual(pair(1, 3.5));
    expect(relativeError(newVar, pair(0.75 + 20 / 12, 0.75))).toBeLessThan(1e-15);
  });

  it("takes any rank of at least 2", () => {
    const flat = refTensor([4, 1], [1, 3, 5, 7]);
    const one = (value: number) => refTensor([1], [value]);
    const found = reference.BatchNormTrain([flat, one(1), one(0), one(0), one(1)], {
      epsilon: 4,
      momentum: 1,
    });
    expect(found[1]).toEqual(one(4));
    expect(found[3]).toEqual(one(4));
    expect(found[4].data[0]).toBeCloseTo(20 / 3, 14);
    expect(found[0].data[0]).toBeCloseTo(-1, 15);
  });
});

describe("BatchNormGrad", () => {
  it.each([[[3, 2, 4, 5]], [[6, 3]], [[2, 3, 5]]])("against central differences, shape %s", (shape) => {
    const channels = [shape[1]];
    const x = randomTensor(shape, 1);
    const [scale, bias, mean, variance] = [2, 3, 4, 5].map((seed) => randomTensor(channels, seed));
    const dy = randomTensor(shape, 6);
    const attrs = { epsilon: 1e-5, momentum: 0.1 };
    const forward = (moved: typeof x, movedScale: typeof x, movedBias: typeof x) =>
      reference.BatchNormTrain([moved, movedScale, movedBias, mean, variance], attrs);

    const [, batchMean, invStd] = forward(x, scale, bias);
    const found = reference.BatchNormGrad([dy, x, scale, batchMean, invStd], {});
    const measured = [
      centralDifferences((moved) => dot(forward(moved, scale, bias)[0], dy), x),
      centralDifferences((moved) => dot(forward(x, moved, bias)[0], dy), scale),
      centralDifferences((moved) => dot(forward(x, scale, moved)[0], dy), bias),
    ];
    found.forEach((gradient, i) => {
      expect(gradient.shape).toEqual(measured[i].shape);
      expect(relativeError(gradient, measured[i])).toBeLessThan(1e-6);
    });
  });
});
