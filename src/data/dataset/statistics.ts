import { permutation, randomStream } from "../../base/random.ts";
import type { Dataset } from "./dataset.ts";
import type { ChannelStatistics } from "./normalize.ts";

/** Samples that are looked at: the mean of 10,000 images is known to about 0.002. */
export const STATISTICS_SAMPLES = 10_000;

/** One gray level: the smallest standard deviation returned, so that a constant channel can be divided by it. */
const MIN_STD = 1 / 255;

/** Decoded together, so that both cores have work. */
const READ_AHEAD = 64;

/**
 * Mean and standard deviation (population) of every channel over all pixels, scaled to 0 … 1, of at most
 * `limit` samples. Which samples depends only on the length, so the numbers are the same each time.
 */
export async function statistics(
  dataset: Dataset,
  limit: number = STATISTICS_SAMPLES,
): Promise<ChannelStatistics> {
  const [channels, height, width] = dataset.shape;
  const plane = height * width;
  const chosen = permutation(dataset.length, randomStream(0)).subarray(0, limit);
  // Counting gray levels keeps the sums exact: a histogram of integers, in any order.
  const counts = Array.from({ length: channels }, () => new Float64Array(256));
  const buffers = Array.from({ length: READ_AHEAD }, () => new Uint8Array(channels * plane));
  for (let start = 0; start < chosen.length; start += READ_AHEAD) {
    const indexes = [...chosen.subarray(start, start + READ_AHEAD)];
    await Promise.all(indexes.map((index, slot) => dataset.read(index, buffers[slot])));
    for (const slot of indexes.keys()) {
      counts.forEach((count, channel) => {
        for (let i = channel * plane; i < (channel + 1) * plane; i++) count[buffers[slot][i]]++;
      });
    }
  }
  const moments = counts.map((count) => momentsOf(count, chosen.length * plane));
  return { mean: moments.map(({ mean }) => mean), std: moments.map(({ std }) => std) };
}

function momentsOf(counts: Float64Array, total: number): { mean: number; std: number } {
  const mean = counts.reduce((sum, count, level) => sum + count * level, 0) / total;
  const variance = counts.reduce((sum, count, level) => sum + count * (level - mean) ** 2, 0) / total;
  return { mean: mean / 255, std: Math.max(Math.sqrt(variance) / 255, MIN_STD) };
}
