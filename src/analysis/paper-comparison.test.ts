import { expect, it } from "vitest";
import { compareLastStage, comparePaper } from "./paper-comparison.ts";

const rows = comparePaper();

it("reproduces the paper's printed figures to their last digit, or says why not", () => {
  for (const { name, agrees, reason } of rows) {
    const differs = Object.values(agrees).includes(false);
    expect(reason !== undefined, name).toBe(differs);
  }
});

it("differs in the known rows only", () => {
  const differing = rows.filter(({ reason }) => reason !== undefined).map(({ name }) => name);
  expect(differing).toEqual([
    "SE-ResNet-101",
    "SE-ResNeXt-50",
    "ResNeXt-101",
    "SE-ResNeXt-101",
    "SE-BN-Inception",
    "Inception-ResNet-v2",
    "SE-Inception-ResNet-v2",
    "ShuffleNet",
    "SE-ShuffleNet",
    "r = 8",
    "SE_3×3",
  ]);
});

it("is 0.01 G apart where only rounding can be the reason", () => {
  for (const { name, paper, ours, agrees } of rows) {
    if (agrees.gflops !== false || name.includes("Inception-ResNet")) continue;
    expect(Math.abs(Number(paper.gflops) - Number(ours.gflops.toFixed(2))), name).toBeLessThan(0.0101);
  }
});

it("counts what the last stage's blocks weigh", () => {
  const { allWeights, weights, share, agrees } = compareLastStage();
  expect([allWeights, weights]).toEqual([2_514_944, 942_080]);
  expect(share).toBeCloseTo(0.03686, 5);
  expect(agrees).toBe(true);
});
