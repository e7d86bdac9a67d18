import { expect, it } from "vitest";
import { createModel } from "../models/create-model.ts";
import { registry } from "../models/registry.ts";
import { matchSE } from "../passes/se/match-se.ts";
import { complexity } from "./complexity.ts";
import { compareLastStage, comparePaper } from "./paper-comparison.ts";
import { paperFigures } from "./paper-figures.ts";

const rows = comparePaper();

it("reproduces the paper's printed figures to their last digit, or says why not, and only then", () => {
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

const rowNamed = (name: string) => rows.filter((row) => row.name === name)[0];
const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

it("gives reasons whose numbers are right: biases in the second layer only", () => {
  expect(rowNamed("r = 8").reason).toBe(
    "30.64; with biases in the second layer only it would be 30.66, and all other rows the same",
  );
  expect((rowNamed("r = 8").ours.params / 1e6).toFixed(2)).toBe("30.64");
  const ablations = paperFigures.filter(({ se, params }) => se && se.bias === false && params !== undefined);
  // Where ours has another number of digits anyway.
  const others = ablations.filter(({ name }) => name !== "SE-ShuffleNet");
  expect(others.length).toBe(11);
  for (const { name, model, se, params } of others) {
    const blocks = matchSE(createModel(model, { ...(se && { se }) }));
    const biased = (rowNamed(name).ours.params + sum(blocks.map(({ channels }) => channels))) / 1e6;
    expect(biased.toFixed(1), name).toBe(params);
    if (name === "r = 8") expect(biased.toFixed(2)).toBe("30.66");
  }
});

it("gives reasons whose numbers are right: ShuffleNet's average pools, and digits cut off", () => {
  const counted = ["ShuffleNet", "SE-ShuffleNet"].map((name) => {
    const { paper, ours, model } = rowNamed(name);
    expect(Math.floor(ours.params / 1e5)).toBe(Number(paper.params) / 1e5);
    const pools = complexity(createModel(model)).nodes.filter(({ op }) => op === "AveragePool");
    const withPools = ours.gflops * 1e3 + (9 * sum(pools.map(({ activations }) => activations))) / 1e6;
    expect(Math.round(withPools)).toBe(Math.round(Number(paper.gflops) * 1e3));
    return withPools.toFixed(1);
  });
  expect(rowNamed("ShuffleNet").reason).toContain(
    `9 for each element, which would give ${counted.join(" M and ")} M`,
  );
  expect(rowNamed("SE-ShuffleNet").reason).toBe(rowNamed("ShuffleNet").reason);
});

it("gives reasons whose numbers are right: a figure between two, and an input", () => {
  expect(rowNamed("SE_3×3").reason).toContain(`${rowNamed("SE_3×3").ours.gflops.toFixed(4)}, which`);
  for (const { model, reason } of rows.filter(({ name }) => name.includes("Inception-ResNet"))) {
    const [, height, width] = registry[model].input;
    expect(reason).toContain(`at ${height}×${width}`);
  }
});
