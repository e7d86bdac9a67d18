import { expect, test } from "vitest";
import type { Dataset } from "./dataset.ts";
import { limitDataset } from "./limit-dataset.ts";
import { memoryDataset } from "./memory-dataset.ts";

const dataset = memoryDataset({
  name: "ten",
  split: "train",
  classes: ["even", "odd"],
  shape: [1, 1, 1],
  labels: Int32Array.from({ length: 10 }, (_, i) => i % 2),
  pixels: Uint8Array.from({ length: 10 }, (_, i) => i),
});

function pixelsOf(part: Dataset): number[] {
  return Array.from({ length: part.length }, (_, index) => {
    const pixel = new Uint8Array(1);
    part.read(index, pixel);
    return pixel[0];
  });
}

test("keeps labels with their pixels, in an order that begins alike for every limit", () => {
  const four = limitDataset(dataset, 4);
  expect(four.length).toBe(4);
  expect(new Set(pixelsOf(four)).size).toBe(4);
  expect([...four.labels]).toEqual(pixelsOf(four).map((pixel) => pixel % 2));
  expect(pixelsOf(limitDataset(dataset, 7)).slice(0, 4)).toEqual(pixelsOf(four));
});

test("a limit beyond the data changes nothing", () => {
  expect(limitDataset(dataset, 10)).toBe(dataset);
});

test.each([0, 1.5, Number.NaN])("refuses a limit of %s", (limit) => {
  expect(() => limitDataset(dataset, limit)).toThrow(
    `limit: expected a whole number of samples of at least 1, found ${limit}; correct it.`,
  );
});
