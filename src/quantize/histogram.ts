import type { Range } from "../passes/quantization/quantization-plan.ts";

/** Counts of numbers by size. */
export interface Histogram extends Range {
  /** Minimum and maximum so far, exactly; both 0 before any number. */
  readonly min: number;
  readonly max: number;
  /** Width of a bin, a power of two. */
  readonly width: number;
  /** `counts[i]`: numbers from `(i − counts.length / 2) · width` on, below the next bin. */
  readonly counts: Float64Array;
}

/** Bins of either sign: 2,048 to 4,096 of them cover the maximum magnitude, eight or more for each of 255 steps. */
const HALF = 4096;

export function emptyHistogram(): Histogram {
  return { min: 0, max: 0, width: 0, counts: new Float64Array(2 * HALF) };
}

/**
 * The histogram with more finite numbers counted. Bins double their width as often as a number lies outside; the counts then move
 * together exactly, so that the order of the numbers does not matter.
 */
export function countNumbers(histogram: Histogram, numbers: Float32Array): Histogram {
  const first = numbers[0] ?? 0;
  let [min, max] = histogram.width === 0 ? [first, first] : [histogram.min, histogram.max];
  for (const number of numbers) {
    if (number < min) min = number;
    if (number > max) max = number;
  }
  const width = widthFor(Math.max(-min, max), histogram.width);
  const counts = widened(histogram, width);
  for (const number of numbers) counts[Math.floor(number / width) + HALF]++;
  return { min, max, width, counts };
}

/** The smallest power of two, at least `min`, with which `magnitude` lies before the last bin's end. */
function widthFor(magnitude: number, min: number): number {
  let width = min === 0 ? 2 ** Math.ceil(Math.log2(Math.max(magnitude, 2 ** -100) / HALF)) : min;
  while (magnitude >= width * HALF) width *= 2;
  return width;
}

function widened({ counts, width: from }: Histogram, to: number): Float64Array {
  if (from === 0 || from === to) return counts;
  const moved = new Float64Array(2 * HALF);
  const factor = to / from;
  for (const [i, count] of counts.entries()) moved[Math.floor((i - HALF) / factor) + HALF] += count;
  return moved;
}
