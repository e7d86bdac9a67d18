import { SenetError } from "../../base/errors.ts";
import { permutation, randomStream } from "../../base/random.ts";
import type { Dataset } from "./dataset.ts";

/**
 * A part of a data set: its first `limit` samples in a random order that is always the same, so that a smaller limit gives a part of a
 * greater one's. A limit beyond the data set's length changes nothing.
 */
export function limitDataset(dataset: Dataset, limit: number): Dataset {
  if (!Number.isSafeInteger(limit) || limit < 1) {
    throw new SenetError(
      "usage",
      `limit: expected a whole number of samples of at least 1, found ${limit}; correct it.`,
    );
  }
  if (limit >= dataset.length) return dataset;
  const kept = permutation(dataset.length, randomStream(LIMIT_KEY)).subarray(0, limit);
  return {
    ...dataset,
    length: limit,
    labels: Int32Array.from(kept, (index) => dataset.labels[index]),
    read: (index, into) => dataset.read(kept[index], into),
  };
}

/** Names the order; no seed of a run, because runs with other seeds are to learn from the same samples. */
const LIMIT_KEY = 0x11317;
