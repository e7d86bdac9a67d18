import type { Preprocessing } from "./model-entry.ts";

/** Mean and deviation of ImageNet's training pixels, as torchvision and timm use them. */
export const imageNetStatistics = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const;

/** Pixels scaled to −1…1, as the networks that come from TensorFlow want them. */
export const symmetricStatistics = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } as const;

/** Evaluation as in the SENet paper (section 6.1): short side 256, centre crop 224. */
export const imageNet: Preprocessing = {
  ...imageNetStatistics,
  pixelRange: 1,
  colorOrder: "RGB",
  interpolation: "bilinear",
  cropFraction: 0.875,
};

/** Mean and deviation of CIFAR-10's training pixels; whole images. */
export const cifar10: Preprocessing = {
  mean: [0.4914, 0.4822, 0.4465],
  std: [0.247, 0.2435, 0.2616],
  pixelRange: 1,
  colorOrder: "RGB",
  interpolation: "bilinear",
  cropFraction: 1,
};
