import type { Preprocessing } from "../../models/parts/model-entry.ts";

/** Pixels as decoders give them: rows from the top, the channels of a pixel side by side. */
export interface InterleavedImage {
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3 | 4;
}

/** The part of the resampled image to compute. */
export interface Window {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

type Interpolation = Preprocessing["interpolation"];

/** Fixed-point digits of the weights: 8 bits of pixel, 22 of weight and 2 of headroom fill 32. */
const PRECISION = 22;

/**
 * A window of an image resized to `width` × `height`, to the bit what Pillow's `Image.resize` gives for 8-bit images (and so what
 * torchvision and timm feed their networks): antialiased, columns first, each pass rounded to 8 bits. Only what the window shows is
 * computed.
 *
 * Method: Pillow's documentation, "Filters"; a = −0.5 in the cubic kernel.
 */
export function resample(
  image: InterleavedImage,
  { width, height }: { readonly width: number; readonly height: number },
  interpolation: Interpolation,
  window: Window,
): InterleavedImage {
  const { channels } = image;
  const across = tapsOf(image.width, width, interpolation, window.left, window.width);
  const down = tapsOf(image.height, height, interpolation, window.top, window.height);
  const firstRow = Math.min(...down.map(({ from }) => from));
  const endRow = Math.max(...down.map(({ from, weights }) => from + weights.length));

  const rowLength = window.width * channels;
  const narrow = new Uint8Array((endRow - firstRow) * rowLength);
  for (let row = firstRow; row < endRow; row++) {
    const source = row * image.width * channels;
    let target = (row - firstRow) * rowLength;
    for (const { from, weights } of across) {
      const first = source + from * channels;
      for (let channel = 0; channel < channels; channel++) {
        narrow[target++] = weightedSum(image.pixels, first + channel, channels, weights);
      }
    }
  }
  const pixels = new Uint8Array(window.height * rowLength);
  let target = 0;
  for (const { from, weights } of down) {
    const first = (from - firstRow) * rowLength;
    for (let i = 0; i < rowLength; i++) {
      pixels[target++] = weightedSum(narrow, first + i, rowLength, weights);
    }
  }
  return { pixels, width: window.width, height: window.height, channels };
}

/** What one pixel of the result is made of: consecutive source pixels from `from` on. */
interface Taps {
  readonly from: number;
  readonly weights: Int32Array;
}

/** The taps of `count` pixels from `first` on along one axis, when `size` pixels become `newSize`. */
function tapsOf(
  size: number,
  newSize: number,
  interpolation: Interpolation,
  first: number,
  count: number,
): Taps[] {
  if (size === newSize) {
    const whole = Int32Array.of(1 << PRECISION);
    return Array.from({ length: count }, (_, i) => ({ from: first + i, weights: whole }));
  }
  const { radius, kernel } = kernels[interpolation];
  const scale = size / newSize;
  // Where an image shrinks, the kernel is stretched to cover every source pixel.
  const stretch = Math.max(scale, 1);
  return Array.from({ length: count }, (_, i) => {
    const center = (first + i + 0.5) * scale;
    const from = Math.max(0, Math.trunc(center - radius * stretch + 0.5));
    const end = Math.min(size, Math.trunc(center + radius * stretch + 0.5));
    const weights = Array.from({ length: end - from }, (_, x) => kernel((from + x - center + 0.5) / stretch));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return { from, weights: Int32Array.from(weights, (weight) => fixed(weight / sum)) };
  });
}

/** Rounded half away from zero, as C's conversion of x ± 0.5. */
function fixed(weight: number): number {
  return Math.trunc(weight * (1 << PRECISION) + (weight < 0 ? -0.5 : 0.5));
}

function weightedSum(pixels: Uint8Array, from: number, stride: number, weights: Int32Array): number {
  let sum = 1 << (PRECISION - 1);
  let at = from;
  for (let i = 0; i < weights.length; i++) {
    sum = (sum + Math.imul(pixels[at], weights[i])) | 0;
    at += stride;
  }
  const value = sum >> PRECISION;
  return value < 0 ? 0 : value > 255 ? 255 : value;
}

const kernels: Readonly<Record<Interpolation, { radius: number; kernel: (x: number) => number }>> = {
  bilinear: { radius: 1, kernel: (x) => Math.max(0, 1 - Math.abs(x)) },
  bicubic: { radius: 2, kernel: cubic },
};

/** Keys' cubic convolution kernel with a = −0.5. */
function cubic(x: number): number {
  const a = -0.5;
  const t = Math.abs(x);
  if (t < 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
  if (t < 2) return ((t - 5) * t + 8) * t * a - 4 * a;
  return 0;
}
