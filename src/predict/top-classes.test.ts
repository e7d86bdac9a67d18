import { expect, test } from "vitest";
import { softmax, topClasses } from "./top-classes.ts";

test("softmax gives e^x over their sum, and stays finite for large logits", () => {
  const [a, b] = softmax([0, Math.log(3)]);
  expect(a).toBeCloseTo(0.25, 12);
  expect(b).toBeCloseTo(0.75, 12);
  expect([...softmax(Float32Array.of(1000, 1000))]).toEqual([0.5, 0.5]);
});

test("the most probable come first, of equal ones the first; no more than there are", () => {
  const labels = ["a", "b", "c"];
  expect(topClasses([0.2, 0.4, 0.4], labels, 2)).toEqual([
    { label: "b", score: 0.4 },
    { label: "c", score: 0.4 },
  ]);
  expect(topClasses([0.2, 0.4, 0.4], labels, 9)).toHaveLength(3);
});
