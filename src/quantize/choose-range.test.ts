import { describe, expect, it } from "vitest";
import { normal, randomStream } from "../random.ts";
import { chooseRange } from "./choose-range.ts";
import { countNumbers, emptyHistogram } from "./histogram.ts";

const random = randomStream(3);
const bell = Float32Array.from({ length: 20_000 }, () => normal(random));
const withOutlier = Float32Array.of(...bell.subarray(0, 9_999), 100);

const of = (numbers: Float32Array) => countNumbers(emptyHistogram(), numbers);

describe("histogram", () => {
  it("does not mind in which order and portions numbers come", () => {
    const numbers = Float32Array.of(0.001, -3, 7, 1e-3, 500, -0.25, 0, 64);
    const portions = [numbers.subarray(0, 2), numbers.subarray(2, 5), numbers.subarray(5)];
    expect(portions.reduce(countNumbers, emptyHistogram())).toEqual(of(numbers));
    expect(of(numbers.toReversed())).toEqual(of(numbers));
  });

  it("counts every number, the least and the greatest exactly", () => {
    const { counts, min, max } = of(bell);
    expect(counts.reduce((a, b) => a + b)).toBe(bell.length);
    expect([min, max]).toEqual([Math.min(...bell), Math.max(...bell)]);
  });
});

describe("chooseRange", () => {
  const percentile = 99.9;

  it("min-max takes everything", () => {
    expect(chooseRange(of(withOutlier), { method: "min-max", percentile }).max).toBe(100);
  });

  it("percentile leaves out as many numbers as it says, half on either side", () => {
    const { min, max } = chooseRange(of(bell), { method: "percentile", percentile: 90 });
    expect(bell.filter((x) => x < min).length / bell.length).toBeCloseTo(0.05, 2);
    expect(bell.filter((x) => x > max).length / bell.length).toBeCloseTo(0.05, 2);
  });

  it.each(["mse", "entropy"] as const)(
    "%s clips one outlier among thousands, and little of a bell",
    (method) => {
      expect(chooseRange(of(withOutlier), { method, percentile }).max).toBeLessThan(60);
      expect(chooseRange(of(bell), { method, percentile }).max).toBeGreaterThan(2);
    },
  );

  it.each(["min-max", "percentile", "mse", "entropy"] as const)("%s takes a constant as it is", (method) => {
    expect(chooseRange(of(Float32Array.of(2, 2)), { method, percentile })).toEqual({ min: 2, max: 2 });
  });
});
