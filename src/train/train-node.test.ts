import { expect, it, vi } from "vitest";
import { messageOf } from "../../test/support/data-fixtures.ts";
import { openLoader } from "../data/loader/loader-node.ts";
import type { TrainConfig } from "./config.ts";
import { defaultAugment, defaultRecipe } from "./recipe.ts";
import { train } from "./train-node.ts";

const config: TrainConfig = {
  model: "resnet8",
  classes: Array.from({ length: 10 }, (_, i) => String(i)),
  input: [1, 28, 28],
  data: { path: "fashion-mnist-mini", skipBad: false, samples: [1, 1] },
  mean: [0.5],
  std: [0.25],
  ...defaultRecipe,
  augment: defaultAugment(28),
};

it.each(["train", "test"] as const)(
  "a loader with %s alone is refused before anything is made",
  async (split) => {
    const loader = await openLoader({ [split]: { path: "fashion-mnist-mini", split } });
    try {
      const openFolder = vi.fn();
      expect(await messageOf(() => train(config, { loader, openFolder }))).toBe(
        `data: Training resnet8: expected a loader with both splits, found none for ${split === "train" ? "test" : "train"}; open it with both.`,
      );
      expect(openFolder).not.toHaveBeenCalled();
    } finally {
      await loader.dispose();
    }
  },
);
