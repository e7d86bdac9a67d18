import { SenetError } from "../errors.ts";

/** Mean and standard deviation per channel, of pixels scaled to 0 … 1. */
export interface ChannelStatistics {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** Writes normalised float32 values of one uint8 image (channels × height × width) from `offset` on. */
export type Normalize = (pixels: Uint8Array, into: Float32Array, offset: number) => void;

/**
 * `(pixel / 255 − mean) / std` per channel, rounded after every step to float32: the very numbers of
 * torchvision's `ToTensor` and `Normalize`. A table of 256 values per channel makes it one look-up a pixel.
 *
 * @param shape channels, height, width
 * @throws SenetError "usage" when there is not one mean and one positive std per channel.
 * @example const normalize = normalizer([3, 32, 32], { mean: [0.49, 0.48, 0.45], std: [0.25, 0.24, 0.26] });
 *   normalize(pixels, floats, 0);
 */
export function normalizer(
  shape: readonly [number, number, number],
  { mean, std }: ChannelStatistics,
): Normalize {
  const [channels, height, width] = shape;
  const valid = mean.every(Number.isFinite) && std.every((value) => Number.isFinite(value) && value > 0);
  if (mean.length !== channels || std.length !== channels || !valid) {
    throw new SenetError(
      "usage",
      `Normalisation: expected ${channels} finite means and ${channels} positive standard deviations (one per channel), found mean [${mean.join(", ")}] and std [${std.join(", ")}]; correct them.`,
    );
  }
  const tables = mean.map((_, channel) => {
    const m = Math.fround(mean[channel]);
    const s = Math.fround(std[channel]);
    return Float32Array.from({ length: 256 }, (_, pixel) => Math.fround(Math.fround(pixel / 255) - m) / s);
  });
  const plane = height * width;
  return (pixels, into, offset) => {
    for (let channel = 0; channel < channels; channel++) {
      const table = tables[channel];
      const end = (channel + 1) * plane;
      for (let i = channel * plane; i < end; i++) into[offset + i] = table[pixels[i]];
    }
  };
}
