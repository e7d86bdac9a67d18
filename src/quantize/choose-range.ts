import { type Encoding, encodingOf } from "../passes/quantization/insert-quantization.ts";
import type { Range } from "../passes/quantization/quantization-plan.ts";
import type { CalibrationMethod } from "./calibration-methods.ts";
import type { Histogram } from "./histogram.ts";

export interface RangeOptions {
  readonly method: CalibrationMethod;
  /** Of `percentile`: per cent of all numbers that the range holds; what lies outside is clipped, half of it on either side. */
  readonly percentile: number;
}

/** Shares of the whole range that `mse` and `entropy` try. */
const SHARES = Array.from({ length: 45 }, (_, i) => 1 - i / 50);

/**
 * The range to quantize:
 * - `min-max` all numbers;
 * - `percentile` all but the outermost numbers;
 * - `mse` the share of the whole range with the smallest mean squared error, of clipping and rounding together;
 * - `entropy` the share whose quantized distribution is closest to the original (smallest Kullback–Leibler divergence, as TensorRT's
 *   calibrator; S. Migacz, GTC 2017).
 */
export function chooseRange(histogram: Histogram, { method, percentile }: RangeOptions): Range {
  const { min, max } = histogram;
  if (method === "min-max" || min === max) return { min, max };
  if (method === "percentile") return withoutTails(histogram, (1 - percentile / 100) / 2);
  const loss = method === "mse" ? squaredError : divergence;
  const bins = filledBins(histogram);
  const losses = SHARES.map((share) => loss(bins, { min: share * min, max: share * max }));
  const best = SHARES[losses.indexOf(Math.min(...losses))];
  return { min: best * min, max: best * max };
}

/** The range without `tail` of the numbers at either end, to the next bin's edge. */
function withoutTails({ counts, width, min, max }: Histogram, tail: number): Range {
  const half = counts.length / 2;
  const allowed = tail * counts.reduce((sum, count) => sum + count, 0);
  let [low, high] = [0, counts.length - 1];
  for (let below = counts[low]; below <= allowed; below += counts[++low]);
  for (let above = counts[high]; above <= allowed; above += counts[--high]);
  return { min: Math.max(min, (low - half) * width), max: Math.min(max, (high + 1 - half) * width) };
}

type Bin = readonly [middle: number, count: number];

/** Bins that are not empty, as the number in their middle and its count, without the one at 0: zeros are kept exactly. */
function filledBins({ counts, width }: Histogram): Bin[] {
  const half = counts.length / 2;
  return [...counts.entries()]
    .filter(([i, count]) => count > 0 && i !== half)
    .map(([i, count]) => [(i - half + 0.5) * width, count]);
}

function levelOf(number: number, { scale, zeroPoint }: Encoding): number {
  return Math.min(Math.max(Math.round(number / scale) + zeroPoint, 0), 255);
}

function squaredError(bins: readonly Bin[], range: Range): number {
  const encoding = encodingOf(range);
  let sum = 0;
  for (const [number, count] of bins) {
    const back = (levelOf(number, encoding) - encoding.zeroPoint) * encoding.scale;
    sum += count * (number - back) ** 2;
  }
  return sum;
}

/** What is lost: the divergence of the quantized distribution, spread evenly over each level's bins, from the clipped original. */
function divergence(bins: readonly Bin[], range: Range): number {
  const encoding = encodingOf(range);
  const inside = new Float64Array(256);
  const members = new Float64Array(256);
  const outside = [0, 0];
  const kept: { readonly level: number; readonly count: number }[] = [];
  for (const [number, count] of bins) {
    if (number < range.min) outside[0] += count;
    else if (number > range.max) outside[1] += count;
    else {
      const level = levelOf(number, encoding);
      inside[level] += count;
      members[level]++;
      kept.push({ level, count });
    }
  }
  if (kept.length === 0) return Number.POSITIVE_INFINITY;
  const within = kept.reduce((sum, { count }) => sum + count, 0);
  const total = within + outside[0] + outside[1];
  let sum = 0;
  for (const [i, { level, count }] of kept.entries()) {
    // What is clipped lies at the ends in the original, but did not shape the levels.
    const clipped = (i === 0 ? outside[0] : 0) + (i === kept.length - 1 ? outside[1] : 0);
    const original = (count + clipped) / total;
    sum += original * Math.log(original / (inside[level] / members[level] / within));
  }
  return sum;
}
