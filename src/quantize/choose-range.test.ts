import { describe, expect, it } from "vitest";
import { normal, randomStream } from "../base/random.ts";
import { encodingOf } from "../passes/quantization/insert-quantization.ts";
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

  it("counts every number, the smallest and the largest exactly", () => {
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

  it.each(["mse", "entropy"] as const)("%s clips a little of a bell", (method) => {
    const { max } = chooseRange(of(bell), { method, percentile });
    expect(max).toBeLessThan(Math.max(...bell));
    expect(max).toBeGreaterThan(2);
  });

  it("mse has a smaller squared error than everything that was met", () => {
    const errorOf = (method: "mse" | "min-max") => {
      const { scale, zeroPoint } = encodingOf(chooseRange(of(bell), { method, percentile }));
      const back = (x: number) =>
        (Math.min(Math.max(Math.round(x / scale) + zeroPoint, 0), 255) - zeroPoint) * scale;
      return bell.reduce((sum, x) => sum + (x - back(x)) ** 2, 0);
    };
    expect(errorOf("mse")).toBeLessThan(errorOf("min-max"));
  });

  it.each(["min-max", "percentile", "mse", "entropy"] as const)("%s takes a constant as it is", (method) => {
    expect(chooseRange(of(Float32Array.of(2, 2)), { method, percentile })).toEqual({ min: 2, max: 2 });
  });
});
