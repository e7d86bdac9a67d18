import { SenetError } from "../../base/errors.ts";
import { permutation, randomStream } from "../../base/random.ts";
import type { Dataset } from "../dataset/dataset.ts";
import { sampleBytesOf } from "../dataset/memory-dataset.ts";
import { meanPixel, type Normalization, normalizer } from "../dataset/normalize.ts";
import { type AugmentOptions, augment, checkAugment } from "./augment.ts";
import { type Batch, BatchPool } from "./batch-pool.ts";

/** How an epoch is cut into batches. Plain data, so it crosses threads. */
export interface BatchOptions extends Normalization {
  readonly batchSize: number;
  readonly seed: number;
  readonly epoch: number;
  /** First batch to deliver, to resume inside an epoch. Default 0. */
  readonly fromBatch?: number | undefined;
  /** A new order each epoch; otherwise the order of the source. Default false. */
  readonly shuffle?: boolean | undefined;
  /** Leave out the last batch when it is smaller than the others. Default false. */
  readonly dropLast?: boolean | undefined;
  readonly augment?: AugmentOptions | undefined;
}

/**
 * Number of batches in an epoch.
 *
 * @param where names the data for messages
 * @throws SenetError "usage" for a batch size that is no whole number ≥ 1; "data" when `dropLast` leaves nothing.
 * @example batchCount(50_000, { batchSize: 128, dropLast: true }) // 390
 */
export function batchCount(
  length: number,
  options: Pick<BatchOptions, "batchSize" | "dropLast">,
  where = "Data set",
): number {
  const { batchSize, dropLast = false } = options;
  checkWhole("batchSize", batchSize, 1);
  if (dropLast && batchSize > length) {
    throw new SenetError(
      "data",
      `${where}: expected at least ${batchSize} samples for one full batch, found ${length}; choose a \`batch\` of at most ${length}.`,
    );
  }
  return dropLast ? Math.floor(length / batchSize) : Math.ceil(length / batchSize);
}

/**
 * One epoch of batches. Which samples, in which order and how changed depends only on the data set and the
 * options (`permutation(length, randomStream(seed, epoch))`; each image's changes on seed, epoch and its index), so an epoch can
 * be repeated, or resumed at `fromBatch`, exactly. Give batches back to `pool` for reuse when done with them.
 *
 * @throws SenetError "usage" for impossible options, "data" for a batch larger than the data or a bad sample.
 * @example for await (const { images, labels } of batches(train, { batchSize: 128, seed: 0, epoch: 0, shuffle: true, mean, std })) …
 */
export async function* batches(
  dataset: Dataset,
  options: BatchOptions,
  pool: BatchPool = new BatchPool(),
): AsyncGenerator<Batch, void, undefined> {
  const { batchSize, seed, epoch, fromBatch = 0 } = options;
  const count = batchCount(dataset.length, options, dataset.name);
  checkWhole("epoch", epoch, 0);
  checkWhole("fromBatch", fromBatch, 0);
  if (!Number.isSafeInteger(seed)) throw usage("seed", "a whole number", seed);
  const fill = batchFiller(dataset, options);
  const order = options.shuffle
    ? permutation(dataset.length, randomStream(seed, epoch))
    : Uint32Array.from({ length: dataset.length }, (_, index) => index);
  for (let number = fromBatch; number < count; number++) {
    const indexes = order.subarray(number * batchSize, (number + 1) * batchSize);
    const batch = pool.take(indexes.length, sampleBytesOf(dataset.shape));
    await fill(indexes, batch);
    yield batch;
  }
}

/** Reads, augments and normalizes the samples of a batch, in buffers of its own. */
function batchFiller(dataset: Dataset, options: BatchOptions) {
  const { augment: changes, seed, epoch } = options;
  const sampleLength = sampleBytesOf(dataset.shape);
  const normalize = normalizer(dataset.shape, options);
  const mean = meanPixel(options);
  if (changes !== undefined) checkAugment(changes);
  const raw: Uint8Array[] = [];
  const changed = new Uint8Array(sampleLength);

  return async (indexes: Uint32Array, batch: Batch): Promise<void> => {
    const reads = Array.from(indexes, (index, slot) => {
      raw[slot] ??= new Uint8Array(sampleLength);
      return dataset.read(index, raw[slot]);
    });
    await Promise.all(reads);
    for (const [slot, index] of indexes.entries()) {
      let pixels = raw[slot];
      if (changes !== undefined) {
        augment(pixels, changed, dataset.shape, changes, mean, randomStream(seed, epoch, index));
        pixels = changed;
      }
      normalize(pixels, batch.images, slot * sampleLength);
      batch.labels[slot] = BigInt(dataset.labels[index]);
    }
  };
}

function checkWhole(name: string, value: number, min: number): void {
  if (!Number.isSafeInteger(value) || value < min) throw usage(name, `a whole number ≥ ${min}`, value);
}

function usage(name: string, expected: string, found: number): SenetError {
  return new SenetError("usage", `${name}: expected ${expected}, found ${found}; correct the option.`);
}
