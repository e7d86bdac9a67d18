import type { Preprocessing } from "./parts/model-entry.ts";

/**
 * Evaluation as in the SENet paper (section 6.1): short side 256, center crop 224. Mean and deviation are those of ImageNet's
 * training pixels, as torchvision and timm use them.
 */
export const imageNet: Preprocessing = {
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
  pixelRange: 1,
  colorOrder: "RGB",
  interpolation: "bilinear",
  cropFraction: 0.875,
};

// What others change of it.

/** Pixels scaled to −1…1, as the networks that come from TensorFlow want them. */
export const tensorFlow = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } as const;

/** As the paper's authors trained in Caffe: blue first, the mean subtracted and nothing scaled. */
export const caffe = { mean: [104, 117, 123], std: [1, 1, 1], pixelRange: 255, colorOrder: "BGR" } as const;

export const bicubic = { interpolation: "bicubic" } as const;

/** timm's newer recipes keep more of the image. */
export const wide = { ...bicubic, cropFraction: 0.95 } as const;

/** Mean and deviation of CIFAR-10's training pixels; whole images. */
export const cifar10: Preprocessing = {
  ...imageNet,
  mean: [0.4914, 0.4822, 0.4465],
  std: [0.247, 0.2435, 0.2616],
  cropFraction: 1,
};
