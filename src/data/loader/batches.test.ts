import fc from "fast-check";
import { expect, test } from "vitest";
import { messageOf } from "../../../test/support/data-fixtures.ts";
import type { Dataset } from "../dataset/dataset.ts";
import { memoryDataset } from "../dataset/memory-dataset.ts";
import { STATISTICS_SAMPLES, statistics } from "../dataset/statistics.ts";
import { BatchPool } from "./batch-pool.ts";
import { type BatchOptions, batchCount, batches } from "./batches.ts";

/** Every sample is its own label, and its pixels have that value. */
function counting(length: number): Dataset {
  return memoryDataset({
    name: "counting",
    split: "train",
    classes: Array.from({ length }, (_, i) => String(i)),
    shape: [1, 3, 3],
    labels: Int32Array.from({ length }, (_, i) => i),
    pixels: Uint8Array.from({ length: length * 9 }, (_, i) => Math.floor(i / 9)),
  });
}

/** mean 0 and std 1/255 make the float the pixel's value. */
const plain = { seed: 1, epoch: 0, mean: [0], std: [1 / 255] };

async function collect(dataset: Dataset, options: BatchOptions) {
  const result: { images: number[]; labels: number[]; size: number }[] = [];
  for await (const batch of batches(dataset, options)) {
    result.push({ images: [...batch.images], labels: [...batch.labels].map(Number), size: batch.size });
  }
  return result;
}

const anyEpoch = fc.record({
  length: fc.integer({ min: 1, max: 60 }),
  batchSize: fc.integer({ min: 1, max: 20 }),
  seed: fc.integer(),
  epoch: fc.nat(1000),
  shuffle: fc.boolean(),
});

test("an epoch has every index exactly once, and images belong to their labels", async () => {
  await fc.assert(
    fc.asyncProperty(anyEpoch, async ({ length, ...options }) => {
      const found = await collect(counting(length), { ...plain, ...options });
      const labels = found.flatMap((batch) => batch.labels);
      expect(labels.toSorted((a, b) => a - b)).toEqual(Array.from({ length }, (_, i) => i));
      expect(found.length).toBe(batchCount(length, options));
      for (const { images, labels, size } of found) {
        expect(labels.length).toBe(size);
        expect(images.map(Math.round)).toEqual(labels.flatMap((label) => new Array(9).fill(label)));
      }
    }),
  );
});

test("resuming at a batch gives the same batches, augmented as well", async () => {
  await fc.assert(
    fc.asyncProperty(anyEpoch, fc.nat(8), async ({ length, ...rest }, fromBatch) => {
      const options = { ...plain, ...rest, augment: { pad: 2, flip: true, cutout: 2 } };
      const whole = await collect(counting(length), options);
      expect(await collect(counting(length), { ...options, fromBatch })).toEqual(whole.slice(fromBatch));
    }),
  );
});

test("dropLast leaves out exactly the smaller batch", async () => {
  const sizes = async (length: number, dropLast: boolean) =>
    (await collect(counting(length), { ...plain, batchSize: 4, dropLast })).map((batch) => batch.size);
  expect(await sizes(10, false)).toEqual([4, 4, 2]);
  expect(await sizes(10, true)).toEqual([4, 4]);
  expect(await sizes(8, true)).toEqual([4, 4]);
});

test("the order changes with the epoch and the seed, and an image's changes do not depend on its place", async () => {
  const run = async (options: Partial<BatchOptions>) =>
    (await collect(counting(30), { ...plain, batchSize: 30, ...options }))[0];
  const first = await run({ shuffle: true });
  expect((await run({ shuffle: true })).labels).toEqual(first.labels);
  expect((await run({ shuffle: true, epoch: 1 })).labels).not.toEqual(first.labels);
  expect((await run({ shuffle: true, seed: 2 })).labels).not.toEqual(first.labels);
  const changed = { pad: 2, flip: true };
  const shuffled = await run({ shuffle: true, augment: changed });
  const ordered = await run({ augment: changed });
  for (const [place, label] of shuffled.labels.entries()) {
    expect(shuffled.images.slice(place * 9, place * 9 + 9)).toEqual(
      ordered.images.slice(label * 9, label * 9 + 9),
    );
  }
  expect((await run({ epoch: 1, augment: changed })).images).not.toEqual(ordered.images);
});

test("the cutout square is about zero once normalized", async () => {
  const options = { ...plain, batchSize: 200, mean: [100 / 255], augment: { cutout: 5 } };
  const [{ images }] = await collect(counting(200), options);
  expect(Math.round(images[150 * 9 + 4])).toBe(0);
});

test("buffers handed back are used again", async () => {
  const pool = new BatchPool();
  const seen = new Set<ArrayBufferLike>();
  for await (const batch of batches(counting(40), { ...plain, batchSize: 4 }, pool)) {
    seen.add(batch.images.buffer);
    pool.give(batch);
  }
  expect(seen.size).toBe(1);
  const other = new BatchPool();
  other.give({ images: new Float32Array(36), labels: new BigInt64Array(9), size: 9 });
  expect(other.take(4, 9).labels.length).toBe(4);
});

test("samples that must be decoded are read together", async () => {
  let reading = 0;
  let most = 0;
  const slow: Dataset = {
    ...counting(8),
    async read(index, into) {
      most = Math.max(most, ++reading);
      await new Promise((resolve) => setTimeout(resolve, 1));
      reading--;
      into.fill(index);
    },
  };
  const found = await collect(slow, { ...plain, batchSize: 4 });
  expect(most).toBe(4);
  expect(found[1].images.map(Math.round)).toEqual([4, 5, 6, 7].flatMap((v) => new Array(9).fill(v)));
});

test("impossible options have exact messages", async () => {
  const run = (options: Partial<BatchOptions>) =>
    messageOf(() => collect(counting(3), { ...plain, batchSize: 2, ...options }));
  expect([
    await run({ batchSize: 4, dropLast: true }),
    await run({ batchSize: 0 }),
    await run({ epoch: -1 }),
    await run({ fromBatch: 0.5 }),
    await run({ seed: Number.NaN }),
    await run({ batchSize: 4 }),
  ]).toEqual([
    "data: counting: expected at least 4 samples for one full batch, found 3; choose a `batch` of at most 3.",
    "usage: batchSize: expected a whole number ≥ 1, found 0; correct the option.",
    "usage: epoch: expected a whole number ≥ 0, found -1; correct the option.",
    "usage: fromBatch: expected a whole number ≥ 0, found 0.5; correct the option.",
    "usage: seed: expected a whole number, found NaN; correct the option.",
    "nothing was thrown",
  ]);
});

test("statistics are those of the pixels scaled to 0 … 1", async () => {
  const dataset = memoryDataset({
    name: "two",
    split: "train",
    classes: ["0"],
    shape: [2, 1, 2],
    labels: Int32Array.of(0, 0),
    pixels: Uint8Array.of(0, 255, 7, 7, 255, 0, 7, 7),
  });
  const { mean, std } = await statistics(dataset);
  expect(mean[0]).toBeCloseTo(0.5, 12);
  expect(std[0]).toBeCloseTo(0.5, 12);
  expect(mean[1]).toBeCloseTo(7 / 255, 12);
  expect(std[1]).toBe(1 / 255); // constant: the least std, so that it can be divided by
  expect(STATISTICS_SAMPLES).toBe(10_000);
  expect(await statistics(counting(200), 50)).toEqual(await statistics(counting(200), 50));
  expect((await statistics(counting(200), 1)).std).toEqual([1 / 255]);
});
