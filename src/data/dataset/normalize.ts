import { SenetError } from "../../base/errors.ts";
import { plural } from "../../base/format.ts";
import type { Preprocessing } from "../../models/parts/model-entry.ts";

/** Mean and standard deviation per channel, of pixels scaled to 0 … 1. */
export type ChannelStatistics = Pick<Preprocessing, "mean" | "std">;

/** What is done to pixels; what is left out is as for `ChannelStatistics`: of pixels scaled to 0 … 1, in the order RGB. */
export type Normalization = ChannelStatistics & Partial<Pick<Preprocessing, "pixelRange" | "colorOrder">>;

/** Writes normalized float32 values of one uint8 image (channels × height × width) from `offset` on. */
export type Normalize = (pixels: Uint8Array, into: Float32Array, offset: number) => void;

/**
 * `(pixel / 255 − mean) / std` per channel, rounded after every step to float32: the very numbers of
 * torchvision's `ToTensor` and `Normalize`. With a `pixelRange` of 255 the division by 255 is left out; with the
 * `colorOrder` BGR the result's first channel is the image's last. A table of 256 values per channel makes it one look-up a pixel.
 *
 * @param shape channels, height, width
 */
export function normalizer(
  shape: readonly [number, number, number],
  // Where no compiler checks, an absent list reads as an empty one.
  { mean = [], std = [], pixelRange = 1, colorOrder = "RGB" }: Normalization,
): Normalize {
  const [channels, height, width] = shape;
  const valid = mean.every(Number.isFinite) && std.every((value) => Number.isFinite(value) && value > 0);
  if (mean.length !== channels || std.length !== channels || !valid) {
    throw new SenetError(
      "usage",
      `Images with ${plural(channels, "channel")}: expected \`mean\` of ${channels} finite numbers and \`std\` of ${channels} positive ones (one per channel), found [${mean.join(", ")}] and [${std.join(", ")}]; correct them.`,
    );
  }
  const divisor = 255 / pixelRange;
  const tables = mean.map((_, channel) => {
    const m = Math.fround(mean[channel]);
    const s = Math.fround(std[channel]);
    return Float32Array.from(
      { length: 256 },
      (_, pixel) => Math.fround(Math.fround(pixel / divisor) - m) / s,
    );
  });
  const plane = height * width;
  return (pixels, into, offset) => {
    for (let channel = 0; channel < channels; channel++) {
      const table = tables[channel];
      const target = offset + channel * plane;
      const source = (colorOrder === "BGR" ? channels - 1 - channel : channel) * plane;
      for (let i = 0; i < plane; i++) into[target + i] = table[pixels[source + i]];
    }
  };
}

/** The mean as one pixel of an image, RGB from 0 to 255: with it, what lies outside an image is filled. */
export function meanPixel({ mean, pixelRange = 1, colorOrder = "RGB" }: Normalization): number[] {
  const pixel = mean.map((value) => Math.round(Math.min(Math.max(value / pixelRange, 0), 1) * 255));
  return colorOrder === "BGR" ? pixel.reverse() : pixel;
}
