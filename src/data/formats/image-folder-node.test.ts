import { symlinkSync } from "node:fs";
import { expect, test } from "vitest";
import { imageBytes, messageOf } from "../../../test/support/data-fixtures.ts";
import { folderOf } from "../../../test/support/folder-of.ts";
import { sharedPath } from "../../../test/support/needs.ts";
import { squareFit } from "../images/fit-image.ts";
import { openImageFolder } from "./image-folder-node.ts";

const red = await imageBytes(30, 20, "#ff0000");
const green = await imageBytes(20, 30, "#00ff00", "webp");
const noise = await imageBytes(64, 64, undefined, "jpeg");
const half = noise.subarray(0, noise.length / 2);

test("reads classes in sorted order, resized, with progress", async () => {
  const { path } = folderOf({
    "train/zebra/1.webp": green,
    "train/ant/2.png": red,
    "train/ant/1.jpg": noise,
    "train/.DS_Store": "x",
    "train/ant/.hidden": "x",
    "val/ant/1.png": red,
    "val/zebra/1.png": red,
  });
  const steps: string[] = [];
  const onProgress = (p: { what: string; done: number; total: number }) =>
    steps.push(`${p.what} ${p.done}/${p.total}`);
  const train = await openImageFolder({ path, split: "train", fit: squareFit(8) }, { onProgress });
  expect(train).toMatchObject({ classes: ["ant", "zebra"], shape: [3, 8, 8], length: 3, skipped: [] });
  expect([...train.labels]).toEqual([0, 0, 1]);
  expect(steps).toEqual(["decoding images 1/3", "decoding images 2/3", "decoding images 3/3"]);
  const pixels = new Uint8Array(192);
  await train.read(1, pixels);
  expect([...pixels]).toEqual([...new Array(64).fill(255), ...new Array(128).fill(0)]);
  const test = await openImageFolder({ path, split: "test" });
  expect(test.shape).toEqual([3, 64, 64]);
});

test("skipBad leaves bad files out and lists them; the others keep their places", async () => {
  const { path } = folderOf({
    "train/a/1.jpg": half,
    "train/a/2.png": red,
    "train/b/1.txt": "notes",
    "train/b/2.webp": green,
  });
  const dataset = await openImageFolder({ path, split: "train", fit: squareFit(4), skipBad: true });
  expect([...dataset.labels]).toEqual([0, 1]);
  expect(dataset.skipped.map((file) => file.path)).toEqual([
    `${path}/train/a/1.jpg`,
    `${path}/train/b/1.txt`,
  ]);
  expect(dataset.skipped[0].reason).toContain("damaged or truncated");
  const pixels = new Uint8Array(48);
  await dataset.read(0, pixels);
  expect([...pixels.subarray(0, 17)]).toEqual([...new Array(16).fill(255), 0]);
});

test.each<[string, Record<string, Uint8Array | string>, Record<string, unknown>, string]>([
  [
    "truncated image",
    { "train/a/1.png": red, "train/b/2.jpg": half },
    {},
    "data: DIR/train/b/2.jpg: expected a whole image (JPEG, PNG, WebP, GIF, TIFF or AVIF), found damaged or truncated data; replace or remove it.",
  ],
  [
    "file that is no image",
    { "train/a/notes.txt": "hello" },
    {},
    "data: DIR/train/a/notes.txt: expected a whole image (JPEG, PNG, WebP, GIF, TIFF or AVIF), found data of another kind; replace or remove it.",
  ],
  [
    "class without images",
    { "train/a/1.png": red, "train/b/.keep": "" },
    {},
    'data: DIR/train/b: expected images of class "b", found none; add images or remove the folder.',
  ],
  [
    "class without good images",
    { "train/a/1.png": red, "train/b/1.jpg": half },
    { skipBad: true },
    'data: DIR/train: expected at least one image that decodes in every class, found none in "b"; replace the damaged files.',
  ],
  [
    "no classes",
    { "train/1.png": red },
    {},
    "data: DIR/train: expected one folder per class, found none; add the class folders.",
  ],
  [
    "no such split",
    { "train/a/1.png": red },
    { split: "test" },
    "data: DIR: expected a folder test/ or val/ or validation/ or valid/ with one folder per class for the test split, found none; add it.",
  ],
  [
    "other classes in the other split",
    { "train/a/1.png": red, "train/b/1.png": red, "val/a/1.png": red, "val/c/1.png": red },
    {},
    'data: Test data: expected the 2 classes of the training data, found 2 (only in training: "b"; only in test: "c"); give both splits the same classes.',
  ],
])("malformed: %s", async (_, files, options, message) => {
  const { path } = folderOf(files);
  const found = await messageOf(
    () => openImageFolder({ path, split: "train", fit: squareFit(8), ...options }),
    path,
  );
  expect(found).toBe(message);
});

test("a device among the images is refused, not read", async () => {
  const { path } = folderOf({ "train/a/1.png": red });
  symlinkSync("/dev/zero", `${path}/train/a/2.png`);
  expect(await messageOf(() => openImageFolder({ path, split: "train" }), path)).toBe(
    "data: DIR/train/a/2.png: expected an image file, found a device or pipe; remove it.",
  );
});

test("more pixels than fit are refused before anything is decoded", async () => {
  const files = Object.fromEntries(
    Array.from({ length: 43 }, (_, i) => [`train/a/${i}.png`, "not even an image"]),
  );
  const { path } = folderOf(files);
  expect(await messageOf(() => openImageFolder({ path, split: "train", fit: squareFit(4096) }), path)).toBe(
    "data: DIR/train: expected at most 2.0 GiB of pixels in memory, found 43 images, which at 4096×4096 take 2.0 GiB; choose a smaller size.",
  );
});

test("opens Imagenette's validation split", async (context) => {
  const path = sharedPath(context, "data/imagenette");
  const dataset = await openImageFolder({ path, split: "test", fit: squareFit(32) });
  expect(dataset).toMatchObject({ shape: [3, 32, 32], length: 1000, skipped: [] });
  expect(dataset.classes).toHaveLength(10);
});
