import { describe, expect, it } from "vitest";
import { messageOf } from "../../test/support/data-fixtures.ts";
import { expandSpec } from "./expand-spec.ts";
import { parseSpec } from "./spec.ts";

const spec = {
  name: "small",
  data: "fashion-mnist-mini",
  models: ["seresnet8"],
  seeds: [0, 1],
  configurations: [{ name: "plain", se: false }, { name: "SE" }],
};

it.each<[changes: object, sentence: string]>([
  [{ seds: [1], seeds: undefined }, 'expected no "seds", found one (did you mean "seeds"?)'],
  [{ seds: [1] }, 'expected no "seds", found one (did you mean "seeds"?)'],
  [
    { train: { epoch: 3 } },
    'expected no "epoch" in train, found one (did you mean "epochs" or "warmupEpochs"?)',
  ],
  [
    { train: { augment: { fip: true } } },
    'expected no "fip" in train.augment, found one (did you mean "flip"?)',
  ],
  [
    { recipes: [{ name: "a", batchs: 2 }] },
    'expected no "batchs" in recipes.0, found one (did you mean "batch"?)',
  ],
  [
    { configurations: [{ nam: "a", name: "b" }] },
    'expected no "nam" in configurations.0, found one (did you mean "name"?)',
  ],
  [{ train: { epochs: 0 } }, "expected train.epochs to be at least 1, found 0"],
  [{ seeds: [] }, "expected seeds to be at least 1 entry, found []"],
  [{ seeds: [1, 1] }, 'expected different seeds, found "1" twice'],
  [{ models: undefined }, "expected models to be a list, found nothing"],
  [{ configurations: undefined }, "expected configurations or a grid, found neither"],
  [
    { grid: { reduction: Array(60).fill(2), divisor: Array(60).fill(1), minimumHidden: Array(60).fill(1) } },
    "expected at most 1000 configurations, counted for each model and recipe, found 216002",
  ],
  [
    { configurations: [{ name: "a" }, { name: "a" }] },
    'expected different names of configurations, found "a" twice',
  ],
])("%j is refused", async (changes, sentence) => {
  expect(await messageOf(() => parseSpec({ ...spec, ...changes }, "s.yaml"))).toBe(
    `usage: s.yaml: ${sentence}; correct the spec.`,
  );
});

describe("expandSpec", () => {
  const expand = (changes: object) => expandSpec(parseSpec({ ...spec, ...changes }, "s.yaml"));

  it("gives every combination of a grid after the configurations, on top of what all share", () => {
    const variants = expand({ se: { bias: false }, grid: { reduction: [2, 4], gate: ["sigmoid", "tanh"] } });
    expect(variants.map(({ name, se }) => [name, se])).toEqual([
      ["plain", false],
      ["SE", { bias: false }],
      ["reduction 2, gate sigmoid", { bias: false, reduction: 2, gate: "sigmoid" }],
      ["reduction 2, gate tanh", { bias: false, reduction: 2, gate: "tanh" }],
      ["reduction 4, gate sigmoid", { bias: false, reduction: 4, gate: "sigmoid" }],
      ["reduction 4, gate tanh", { bias: false, reduction: 4, gate: "tanh" }],
    ]);
  });

  it("gives every configuration with every model and recipe, a recipe on top of `train`", () => {
    const variants = expand({
      models: ["seresnet8", "seresnet14"],
      train: { epochs: 2, augment: { pad: 0 } },
      recipes: [
        { name: "slow", lr: 0.1 },
        { name: "fast", epochs: 1, augment: { flip: false } },
      ],
    });
    expect(variants).toHaveLength(2 * 2 * 2);
    expect(variants.at(-1)).toMatchObject({
      name: "SE, seresnet14, fast",
      se: undefined,
      train: { epochs: 1, augment: { pad: 0, flip: false } },
    });
  });
});
