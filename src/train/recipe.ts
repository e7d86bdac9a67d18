import type { TrainConfig } from "./config.ts";

/** What a run uses where nothing else is said: the one-cycle recipe that PyTorch users know for CIFAR. */
export const defaultRecipe = {
  epochs: 10,
  batch: 128,
  seed: 0,
  engine: "auto",
  optimizer: "sgd",
  lr: 0.4,
  momentum: 0.9,
  nesterov: true,
  weightDecay: 5e-4,
  schedule: "one-cycle",
  warmupEpochs: 0,
  labelSmoothing: 0,
} as const satisfies Partial<TrainConfig>;

/** AdamW wants other numbers. */
export const adamWRecipe = { lr: 2e-3, weightDecay: 0.05 } as const satisfies Partial<TrainConfig>;

/**
 * The usual augmentation for small images: crop within a border of an eighth of the height, flip, no cutout.
 *
 * @example defaultAugment(32) // { pad: 4, flip: true, cutout: 0 }
 */
export function defaultAugment(height: number): TrainConfig["augment"] {
  return { pad: Math.round(height / 8), flip: true, cutout: 0 };
}
