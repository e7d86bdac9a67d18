import { join } from "node:path";
import { expect, test } from "vitest";
import type { FixtureColumn } from "../../../test/support/data-fixtures.ts";
import { imageBytes, messageOf, parquetBytes } from "../../../test/support/data-fixtures.ts";
import { folderOf } from "../../../test/support/folder-of.ts";
import { sharedPath } from "../../../test/support/needs.ts";
import { squareFit } from "../images/fit-image.ts";
import { openParquet } from "./parquet-node.ts";

const [red, green, wide] = await Promise.all([
  imageBytes(4, 3, "#ff0000"),
  imageBytes(4, 3, "#00ff00"),
  imageBytes(5, 3, "#00f"),
]);

function imageStruct(images: readonly Uint8Array[], name = "img"): FixtureColumn {
  return {
    name,
    children: [
      { name: "bytes", values: images },
      { name: "path", values: images.map((_, i) => `${i}.png`) },
    ],
  };
}

const labels: FixtureColumn = { name: "label", values: [1, 0] };

test("reads a struct column, several files, and class names from Hugging Face metadata", async () => {
  const keys = { huggingface: JSON.stringify({ info: { features: { label: { names: ["a", "b"] } } } }) };
  const { path } = folderOf({
    "train-00000-of-00002.parquet": parquetBytes([imageStruct([red, green]), labels], keys),
    "train-00001-of-00002.parquet": parquetBytes(
      [imageStruct([green]), { name: "label", values: [1] }],
      keys,
    ),
    "validation-00000-of-00001.parquet": parquetBytes(
      [imageStruct([green]), { name: "label", values: [0] }],
      keys,
    ),
  });
  const train = await openParquet({ path, split: "train" });
  expect(train).toMatchObject({ classes: ["a", "b"], shape: [3, 3, 4], length: 3 });
  expect([...train.labels]).toEqual([1, 0, 1]);
  const pixels = [0, 1, 2, 0].map(() => new Uint8Array(36));
  await Promise.all([0, 1, 2, 0].map((index, i) => train.read(index, pixels[i])));
  expect([...pixels[0]]).toEqual([...new Array(12).fill(255), ...new Array(24).fill(0)]);
  expect([...pixels[1]]).toEqual([
    ...new Array(12).fill(0),
    ...new Array(12).fill(255),
    ...new Array(12).fill(0),
  ]);
  expect(pixels[2]).toEqual(pixels[1]);
  expect(pixels[3]).toEqual(pixels[0]);
  expect((await openParquet({ path, split: "test" })).length).toBe(1);
});

test("decodes each image once: afterwards read is synchronous", async () => {
  const { path } = folderOf({ "a.parquet": parquetBytes([{ name: "image", values: [red, green] }, labels]) });
  const dataset = await openParquet({ path: join(path, "a.parquet"), split: "test" });
  expect(dataset.classes).toEqual(["0", "1"]);
  const pixels = new Uint8Array(36);
  const first = dataset.read(0, pixels);
  expect(first).toBeInstanceOf(Promise);
  await first;
  expect(dataset.read(0, pixels)).toBeUndefined();
  expect(pixels[0]).toBe(255);
});

test("fine labels are chosen, sizes are made equal by `size`, gray images stay gray", async () => {
  const fine: FixtureColumn = { name: "fine_label", values: [7, 2] };
  const { path } = folderOf({
    "train.parquet": parquetBytes([
      { name: "coarse_label", values: [0, 1] },
      fine,
      imageStruct([red, wide], "photo"),
    ]),
  });
  const dataset = await openParquet({ path, split: "train", fit: squareFit(2) });
  expect([...dataset.labels]).toEqual([7, 2]);
  expect(dataset.shape).toEqual([3, 2, 2]);
  const pixels = new Uint8Array(12);
  await dataset.read(1, pixels);
  expect([...pixels]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255]);
  const { default: sharp } = await import("sharp");
  const gray = await sharp(red).toColorspace("b-w").png().toBuffer();
  const other = folderOf({ "train.parquet": parquetBytes([imageStruct([gray, gray]), labels]) });
  expect((await openParquet({ path: other.path, split: "train" })).shape).toEqual([1, 3, 4]);
});

const good = [imageStruct([red, green]), labels];
test.each<[string, Uint8Array | string, string]>([
  [
    "not parquet",
    "this is a text file, long enough to have a footer",
    "data: DIR/train.parquet: expected a parquet file, found: parquet file invalid (footer != PAR1); the file is damaged or of another kind.",
  ],
  [
    "truncated",
    parquetBytes(good).subarray(0, 300),
    "data: DIR/train.parquet: expected a parquet file, found: parquet file invalid (footer != PAR1); the file is damaged or of another kind.",
  ],
  [
    "no image column",
    parquetBytes([{ name: "text", values: ["a", "b"] }, labels]),
    'data: DIR/train.parquet: expected an image column (binary, or a struct with binary "bytes"), found only the columns text (utf8), label (int64); use a data set of images.',
  ],
  [
    "no label column",
    parquetBytes([imageStruct([red, green]), { name: "label", values: ["a", "b"] }]),
    "data: DIR/train.parquet: expected an integer label column (label, fine_label, labels, target, class, or the only integer column), found the columns img (struct), label (utf8); rename the label column.",
  ],
  [
    "negative label",
    parquetBytes([imageStruct([red, green]), { name: "label", values: [0, -1] }]),
    "data: DIR/train.parquet: row 1: expected a label from 0 to 99999, found -1; the file is damaged or is not of this kind.",
  ],
  [
    "label without a name",
    parquetBytes(good, { huggingface: '{"info":{"features":{"label":{"names":["only"]}}}}' }),
    "data: DIR/train.parquet: row 0: expected a label from 0 to 0, found 1; the file is damaged or is not of this kind.",
  ],
  [
    "more rows claimed than the limit",
    parquetBytes(good, {}, [30_000_000]),
    "data: DIR/train.parquet: expected at most 10000000 rows, found 30000000; use fewer rows.",
  ],
  [
    "the same, hidden behind a group of less than none",
    parquetBytes(good, {}, [30_000_000, -29_999_999]),
    "data: DIR/train.parquet: expected counts of rows and bytes from 0 in its footer, found -29999999; the file is damaged, get it again.",
  ],
  [
    "image missing",
    parquetBytes([imageStruct([red, new Uint8Array()]), labels]),
    'data: DIR/train.parquet: row 1: expected an encoded image of at most 128.0 MiB in column "img", found 0 bytes; the images must be inside the file.',
  ],
  [
    "sizes differ",
    parquetBytes([imageStruct([red, wide]), labels]),
    "data: DIR/train.parquet: row 1: expected an image of 4×3 like the first, found 5×3; give a `size` to resize all images.",
  ],
  [
    "no rows",
    parquetBytes([
      { name: "img", children: [{ name: "bytes", values: [] }] },
      { name: "label", values: [] },
    ]),
    "data: DIR/train.parquet: expected an integer label column (label, fine_label, labels, target, class, or the only integer column), found the columns img (struct), label (byte_array); rename the label column.",
  ],
])("malformed: %s", async (_, bytes, message) => {
  const { path } = folderOf({ "train.parquet": bytes });
  expect(await messageOf(() => openParquet({ path, split: "train" }), path)).toBe(message);
});

test("an image that does not decode is named by file and row when it is read", async () => {
  const { path } = folderOf({
    "train.parquet": parquetBytes([imageStruct([red, green.subarray(0, 60)]), labels]),
  });
  const dataset = await openParquet({ path, split: "train" });
  expect(await messageOf(() => dataset.read(1, new Uint8Array(36)), path)).toMatch(
    /^data: DIR\/train.parquet: row 1: expected a whole image/,
  );
});

test("WebP sizes are not known from the header, and are checked when decoded", async () => {
  const images = [await imageBytes(4, 3, "#f00", "webp"), await imageBytes(3, 4, "#f00", "webp")];
  const { path } = folderOf({ "train.parquet": parquetBytes([imageStruct(images), labels]) });
  const dataset = await openParquet({ path, split: "train" });
  expect(await messageOf(() => dataset.read(1, new Uint8Array(36)), path)).toBe(
    "data: DIR/train.parquet: row 1: expected an image of 4×3 like the first, found 3×4; give a `size` to resize all images.",
  );
});

test("any damaged byte gives a data set or a SenetError, nothing else", async () => {
  const whole = parquetBytes([imageStruct([red, green]), labels]);
  const folder = folderOf({});
  const footer = whole.length - 260; // metadata and page headers are where the lengths are
  for (let i = 0; i < 260; i += 1) {
    const bytes = Uint8Array.from(whole);
    bytes[footer + i] ^= 1 << (i % 8);
    folder.write({ "train.parquet": bytes });
    await messageOf(async () => {
      const dataset = await openParquet({ path: folder.path, split: "train" });
      await dataset.read(0, new Uint8Array(dataset.shape[0] * dataset.shape[1] * dataset.shape[2]));
    });
  }
});

test("a missing split lists the files there are", async () => {
  const { path } = folderOf({ "train.parquet": parquetBytes(good) });
  expect(await messageOf(() => openParquet({ path, split: "test" }), path)).toBe(
    "data: DIR: expected test-*.parquet or validation-*.parquet or valid-*.parquet or val-*.parquet for the test split, found train.parquet; name the files of each split so.",
  );
});

test("opens CIFAR-10 as Hugging Face publishes it", async (context) => {
  const dataset = await openParquet({ path: sharedPath(context, "data/cifar10"), split: "test" });
  expect(dataset).toMatchObject({ shape: [3, 32, 32], length: 10_000 });
  expect(dataset.classes).toEqual("airplane automobile bird cat deer dog frog horse ship truck".split(" "));
  const perClass = new Array(10).fill(0);
  for (const label of dataset.labels) perClass[label]++;
  expect(perClass).toEqual(new Array(10).fill(1000));
  const pixels = new Uint8Array(3072);
  await dataset.read(9_999, pixels);
  expect(new Set(pixels).size).toBeGreaterThan(20);
});
