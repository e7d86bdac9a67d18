import { expect, test } from "vitest";
import { normal, randomStream } from "./random.ts";

test("normal numbers have the moments and the shares of the normal distribution, its tails included", () => {
  const count = 1_000_000;
  const random = randomStream(3, 1);
  const drawn = Float64Array.from({ length: count }, () => normal(random));
  const moment = (power: number) => drawn.reduce((sum, x) => sum + x ** power, 0) / count;
  // Five standard errors: √(Var xᵏ / count).
  expect(Math.abs(moment(1))).toBeLessThan(0.005);
  expect(Math.abs(moment(2) - 1)).toBeLessThan(0.0071);
  expect(Math.abs(moment(3))).toBeLessThan(0.02);
  expect(Math.abs(moment(4) - 3)).toBeLessThan(0.049);
  // Φ(x); 3.4426 is where the generator's tail begins.
  for (const [x, share] of [
    [-3.4426, 0.0002881],
    [-2, 0.0227501],
    [-1, 0.1586553],
    [-0.25, 0.4012937],
    [0, 0.5],
    [0.5, 0.6914625],
    [1.5, 0.9331928],
    [3.4426, 0.9997119],
    [4, 0.9999683],
  ]) {
    const found = drawn.filter((value) => value < x).length / count;
    expect(Math.abs(found - share), `${x}`).toBeLessThan(5 * Math.sqrt((share * (1 - share)) / count));
  }
});

test("the same stream gives the same normal numbers", () => {
  const some = (...key: number[]) => {
    const random = randomStream(...key);
    return Array.from({ length: 300 }, () => normal(random));
  };
  expect(some(1, 2)).toEqual(some(1, 2));
  expect(some(1, 2)).not.toEqual(some(2, 1));
});
