import { SenetError } from "../../base/errors.ts";
import type { Random } from "../../base/random.ts";

/** Random changes to a training image; each is off when absent. */
export interface AugmentOptions {
  /** Pad every side by this many black pixels and crop the old size anywhere (CIFAR's customary value: 4). */
  readonly pad?: number | undefined;
  /** Mirror left and right with probability ½. */
  readonly flip?: boolean | undefined;
  /** Side in pixels of a square hidden at a random place, which may overlap the border (DeVries and Taylor, 2017). */
  readonly cutout?: number | undefined;
}

/**
 * Pad and random crop, horizontal flip, cutout, in this order, on uint8 pixels, channels × height × width.
 * Padding is with pixel value 0 before normalization, as torchvision's `RandomCrop(padding)` before `ToTensor`;
 * the cutout square is filled with `fill` (one value per channel: the mean, so that it is about 0 once normalized, as in the paper).
 *
 * Always draws five numbers, so that switching one change on leaves the others as they were.
 *
 * @param from the image; unchanged
 * @param into receives the result; must not be `from`
 */
export function augment(
  from: Uint8Array,
  into: Uint8Array,
  shape: readonly [number, number, number],
  options: AugmentOptions,
  fill: readonly number[],
  random: Random,
): void {
  checkAugment(options);
  const [channels, height, width] = shape;
  const pad = options.pad ?? 0;
  const top = Math.floor(random() * (2 * pad + 1)) - pad;
  const left = Math.floor(random() * (2 * pad + 1)) - pad;
  const flip = random() < 0.5 && options.flip === true;
  const centreY = Math.floor(random() * height);
  const centreX = Math.floor(random() * width);

  shiftAndFlip(from, into, shape, top, left, flip);
  const side = options.cutout ?? 0;
  if (side === 0) return;
  const y0 = centreY - Math.floor(side / 2);
  const x0 = centreX - Math.floor(side / 2);
  const [rowStart, rowEnd] = [Math.max(0, y0), Math.min(height, y0 + side)];
  const [start, end] = [Math.max(0, x0), Math.min(width, x0 + side)];
  for (let channel = 0; channel < channels; channel++) {
    for (let y = rowStart; y < rowEnd; y++) {
      const row = (channel * height + y) * width;
      into.fill(fill[channel], row + start, row + end);
    }
  }
}

/** Checks options once, before any work. */
export function checkAugment(options: AugmentOptions): void {
  for (const name of ["pad", "cutout"] as const) {
    const value = options[name] ?? 0;
    if (!Number.isInteger(value) || value < 0) {
      throw new SenetError(
        "usage",
        `augment.${name}: expected a whole number of pixels ≥ 0, found ${value}; correct it.`,
      );
    }
  }
}

/** `into[y][x] = from[y + top][x + left]`, 0 outside, then mirrored: one pass, no padded copy. */
function shiftAndFlip(
  from: Uint8Array,
  into: Uint8Array,
  [channels, height, width]: readonly [number, number, number],
  top: number,
  left: number,
  flip: boolean,
): void {
  const start = Math.max(0, -left);
  const end = Math.max(start, Math.min(width, width - left));
  for (let channel = 0; channel < channels; channel++) {
    for (let y = 0; y < height; y++) {
      const target = (channel * height + y) * width;
      const sourceY = y + top;
      if (sourceY < 0 || sourceY >= height || start >= width) {
        into.fill(0, target, target + width);
        continue;
      }
      const source = (channel * height + sourceY) * width + left;
      into.fill(0, target, target + start);
      into.set(from.subarray(source + start, source + end), target + start);
      into.fill(0, target + end, target + width);
      if (flip) into.subarray(target, target + width).reverse();
    }
  }
}
