import { expect, test } from "vitest";
import { messageOf } from "../../../test/support/data-fixtures.ts";
import { folderOf } from "../../../test/support/folder-of.ts";
import { openCifar } from "./cifar-node.ts";

/** Records whose pixels all have the value of their last label. */
function records(...labels: number[][]): Uint8Array {
  return Buffer.concat(
    labels.map((bytes) => [...bytes, ...new Array(3072).fill(bytes.at(-1))]).map((r) => Uint8Array.from(r)),
  );
}

const cifar10 = Object.fromEntries(
  [1, 2, 3, 4, 5].map((n) => [`data_batch_${n}.bin`, records([n], [n + 4])]),
);

test("opens CIFAR-10: five training files in order, names from batches.meta.txt", async () => {
  const names = "airplane automobile bird cat deer dog frog horse ship truck".split(" ");
  const { path } = folderOf({
    ...cifar10,
    "test_batch.bin": records([9]),
    "batches.meta.txt": `${names.join("\n")}\n\n`,
  });
  const train = await openCifar({ path, split: "train" });
  expect(train).toMatchObject({ shape: [3, 32, 32], length: 10, classes: names });
  expect([...train.labels]).toEqual([1, 5, 2, 6, 3, 7, 4, 8, 5, 9]);
  const pixels = new Uint8Array(3072);
  await train.read(3, pixels);
  expect(new Set(pixels)).toEqual(new Set([6]));
  expect((await openCifar({ path, split: "test" })).length).toBe(1);
});

test("opens CIFAR-100 by its fine labels", async () => {
  const { path } = folderOf({ "train.bin": records([3, 99], [0, 7]), "test.bin": records([1, 2]) });
  const train = await openCifar({ path, split: "train" });
  expect([...train.labels]).toEqual([99, 7]);
  expect(train.classes.length).toBe(100);
  const pixels = new Uint8Array(3072);
  await train.read(1, pixels);
  expect(new Set(pixels)).toEqual(new Set([7]));
});

test.each<[string, Record<string, Uint8Array | string>, string]>([
  [
    "a file is missing",
    { "data_batch_1.bin": records([1]), "data_batch_2.bin": records([1]) },
    "data: DIR: expected data_batch_1.bin, data_batch_2.bin, data_batch_3.bin, data_batch_4.bin, data_batch_5.bin for the train split, found no data_batch_3.bin; add the file.",
  ],
  [
    "truncated",
    { ...cifar10, "data_batch_4.bin": records([1], [2]).subarray(0, 5000) },
    "data: DIR/data_batch_4.bin: expected a multiple of 3073 bytes (1 for labels, 3072 for pixels), found 5000; the file is truncated or is not CIFAR-10, get it again.",
  ],
  [
    "empty",
    { "train.bin": "" },
    "data: DIR/train.bin: expected a multiple of 3074 bytes (2 for labels, 3072 for pixels), found 0; the file is truncated or is not CIFAR-100, get it again.",
  ],
  [
    "label out of range",
    { ...cifar10, "data_batch_2.bin": records([1], [10]) },
    "data: DIR/data_batch_2.bin: record 1: expected a label from 0 to 9, found 10; the file is damaged or is not of this kind.",
  ],
  [
    "too few names",
    { "train.bin": records([0, 1]), "fine_label_names.txt": "apple\n" },
    "data: DIR/fine_label_names.txt: expected 100 class names, found 1; correct or delete the file.",
  ],
])("malformed: %s", async (_, files, message) => {
  const { path } = folderOf(files);
  expect(await messageOf(() => openCifar({ path, split: "train" }), path)).toBe(message);
});
