import type { TrainConfig } from "../../src/train/config.ts";
import { defaultAugment, defaultRecipe } from "../../src/train/recipe.ts";

/** A configuration as a run on the tiny IDX set of `cli.ts` would have it. */
export const config: TrainConfig = {
  model: "resnet8",
  classes: ["a", "b"],
  input: [1, 8, 8],
  data: { path: "idx", skipBad: false, samples: [40, 16] },
  mean: [0.5],
  std: [0.25],
  ...defaultRecipe,
  augment: defaultAugment(8),
};
