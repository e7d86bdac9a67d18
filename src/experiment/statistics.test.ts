import { expect, it } from "vitest";
import { differenceOf, sampleOf } from "./statistics.ts";

it("gives mean, sample deviation and standard error", () => {
  const sample = sampleOf([2, 4, 4, 4, 5, 5, 7, 9]);
  expect(sample.mean).toBe(5);
  expect(sample.deviation).toBeCloseTo(Math.sqrt(32 / 7), 12);
  expect(sample.standardError).toBeCloseTo(Math.sqrt(32 / 7 / 8), 12);
});

it("tells differences below two standard errors from others", () => {
  const base = sampleOf([1, 2, 3]); // standard error 1/√3, of a difference √(2/3) = 0.816
  expect(differenceOf(sampleOf([2.6, 3.6, 4.6]), base)).toMatchObject({ insideNoise: true });
  expect(differenceOf(sampleOf([2.7, 3.7, 4.7]), base)).toMatchObject({ insideNoise: false });
});

it("equal numbers do not differ; one number alone has no noise that is known", () => {
  expect(differenceOf(sampleOf([1, 1]), sampleOf([1, 1])).insideNoise).toBe(true);
  expect(differenceOf(sampleOf([2]), sampleOf([1])).insideNoise).toBeUndefined();
});
