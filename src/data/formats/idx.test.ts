import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { idxBytes, messageOf } from "../../../test/support/data-fixtures.ts";
import { folderOf } from "../../../test/support/folder-of.ts";
import { parseIdx } from "./idx.ts";
import { openIdx } from "./idx-node.ts";

const images = idxBytes([3, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
const labels = idxBytes([3], [2, 0, 1]);

test("parses dimensions and values, also at an offset of a larger buffer", () => {
  const shifted = new Uint8Array(images.length + 5);
  shifted.set(images, 5);
  const { dims, values } = parseIdx(shifted.subarray(5), 3, "images");
  expect(dims).toEqual([3, 2, 2]);
  expect([...values]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
});

test.each([
  ["", "data: x: expected 16 bytes for the header, found 0; the file is truncated, get it again."],
  ["00000803", "data: x: expected 16 bytes for the header, found 4; the file is truncated, get it again."],
  [
    "00000d03000000010000000200000002ffffffff",
    "data: x: expected an IDX file of bytes with 3 dimensions (magic number 0x00000803), found 0x00000d03; check that this is the right file, unpacked.",
  ],
  [
    "00000803000000010000000200000002ffffff",
    "data: x: expected 20 bytes for 1×2×2 values, found 19; the file is truncated, get it again.",
  ],
  [
    "00000803000000010000000200000002ffffffffff",
    "data: x: expected 20 bytes for 1×2×2 values, found 21; the file is too long, get it again.",
  ],
  [
    "00000803ffffffffffffffffffffffff",
    "data: x: expected images of 1 to 4096 pixels a side, found 4294967295×4294967295; the file is damaged, get it again.",
  ],
])("malformed bytes %s", async (bytes, message) => {
  expect(await messageOf(() => parseIdx(Buffer.from(bytes, "hex"), 3, "x"))).toBe(message);
});

test("opens a folder of plain and gzipped files, with numbered or named classes", async () => {
  const folder = folderOf({
    "train-images-idx3-ubyte": images,
    "train-labels-idx1-ubyte.gz": gzipSync(labels),
    "t10k-images.idx3-ubyte.gz": gzipSync(images),
    "t10k-labels.idx1-ubyte": labels,
  });
  for (const split of ["train", "test"] as const) {
    const dataset = await openIdx({ path: folder.path, split });
    expect(dataset).toMatchObject({
      split,
      classes: ["0", "1", "2"],
      shape: [1, 2, 2],
      length: 3,
      skipped: [],
    });
    expect([...dataset.labels]).toEqual([2, 0, 1]);
    const pixels = new Uint8Array(4);
    await dataset.read(1, pixels);
    expect([...pixels]).toEqual([5, 6, 7, 8]);
  }
  folder.write({ "classes.txt": "a\nb\r\nc\n\n" });
  expect((await openIdx({ path: folder.path, split: "test" })).classes).toEqual(["a", "b", "c"]);
});

test.each<[string, Record<string, Uint8Array | string>, string]>([
  [
    "missing labels",
    { "train-images-idx3-ubyte": images },
    "data: DIR: expected train-labels-idx1-ubyte or train-labels-idx1-ubyte.gz for the train split, found neither; add the file.",
  ],
  [
    "fewer labels than images",
    { "train-images-idx3-ubyte": images, "train-labels-idx1-ubyte": idxBytes([2], [0, 1]) },
    "data: DIR/train-labels-idx1-ubyte: expected 3 labels, one per image of train-images-idx3-ubyte, found 2; get both files from the same place.",
  ],
  [
    "broken gzip",
    { "train-images-idx3-ubyte.gz": gzipSync(images).subarray(0, 20), "train-labels-idx1-ubyte": labels },
    "data: DIR/train-images-idx3-ubyte.gz: expected gzip data, found: unexpected end of file; the file is damaged, get it again.",
  ],
  [
    "not gzip at all",
    { "train-images-idx3-ubyte.gz": images, "train-labels-idx1-ubyte": labels },
    "data: DIR/train-images-idx3-ubyte.gz: expected gzip data, found: incorrect header check; the file is damaged, get it again.",
  ],
  [
    "no images",
    { "train-images-idx3-ubyte": idxBytes([0, 2, 2], []), "train-labels-idx1-ubyte": idxBytes([0], []) },
    "data: NAME: expected at least one train sample, found none; add images.",
  ],
  [
    "label without a name",
    { "train-images-idx3-ubyte": images, "train-labels-idx1-ubyte": labels, "classes.txt": "a\nb\n" },
    "data: NAME: sample 0: expected a label from 0 to 1, found 2; the file is damaged or is not of this kind.",
  ],
])("malformed folder: %s", async (_, files, message) => {
  const { path } = folderOf(files);
  const found = await messageOf(() => openIdx({ path, split: "train" }), path);
  expect(found.replace(/senet-data-\w+/, "NAME")).toBe(message);
});
