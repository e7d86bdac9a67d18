import { roundHalfToEven } from "../../base/round.ts";
import type { Preprocessing } from "../../models/parts/model-entry.ts";
import { type InterleavedImage, resample } from "./resample.ts";

/** How an image of any size becomes one of a network's size. Plain data, so it crosses threads. */
export interface Fit extends Pick<Preprocessing, "interpolation" | "cropFraction"> {
  readonly height: number;
  readonly width: number;
}

/**
 * The whole short side, bilinear: how training data of mixed sizes is read.
 *
 * @example squareFit(32) // { height: 32, width: 32, cropFraction: 1, interpolation: "bilinear" }
 */
export function squareFit(size: number): Fit {
  return { height: size, width: size, cropFraction: 1, interpolation: "bilinear" };
}

/**
 * An image resized to cover height and width divided by `cropFraction`, of which the center is kept, as timm's evaluation transform does it (`timm.data.create_transform`, crop mode "center"), to the bit.
 *
 * @example fitImage(photo, { height: 224, width: 224, cropFraction: 0.875, interpolation: "bicubic" })
 */
export function fitImage(image: InterleavedImage, fit: Fit): InterleavedImage {
  const { height, width, interpolation } = fit;
  const size = coveringSize(image, fit);
  const left = roundHalfToEven((size.width - width) / 2);
  const top = roundHalfToEven((size.height - height) / 2);
  return resample(image, size, interpolation, { left, top, width, height });
}

/** Width and height after resizing: in proportion, and no side shorter than the target. */
function coveringSize(
  image: InterleavedImage,
  { height, width, cropFraction }: Fit,
): { width: number; height: number } {
  const target = { width: Math.floor(width / cropFraction), height: Math.floor(height / cropFraction) };
  if (target.width === target.height) {
    // torchvision's Resize cuts the long side's fraction off.
    const short = target.width;
    return image.width <= image.height
      ? { width: short, height: Math.trunc((short * image.height) / image.width) }
      : { width: Math.trunc((short * image.width) / image.height), height: short };
  }
  // timm's ResizeKeepRatio rounds.
  const ratio = Math.min(image.width / target.width, image.height / target.height);
  return { width: roundHalfToEven(image.width / ratio), height: roundHalfToEven(image.height / ratio) };
}
