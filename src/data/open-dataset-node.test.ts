import { expect, test } from "vitest";
import { idxBytes, imageBytes, messageOf, parquetBytes } from "../../test/support/data-fixtures.ts";
import { folderOf } from "../../test/support/folder-of.ts";
import { squareFit } from "./images/fit-image.ts";
import { openDataset } from "./open-dataset-node.ts";

test("the embedded data set is balanced and whole", async () => {
  for (const [split, perClass] of [
    ["train", 1000],
    ["test", 200],
  ] as const) {
    const dataset = await openDataset({ path: "fashion-mnist-mini", split });
    expect(dataset).toMatchObject({ name: "fashion-mnist-mini", shape: [1, 28, 28], length: 10 * perClass });
    expect(dataset.classes[9]).toBe("Ankle boot");
    const counts = new Array(10).fill(0);
    for (const label of dataset.labels) counts[label]++;
    expect(counts).toEqual(new Array(10).fill(perClass));
  }
});

test("what lies at the path decides the format", async () => {
  const png = await imageBytes(4, 4, "#fff");
  const parquet = parquetBytes([
    { name: "image", values: [png] },
    { name: "label", values: [0] },
  ]);
  const sources: [string, number[]][] = [
    [
      folderOf({
        "train-images-idx3-ubyte": idxBytes([1, 2, 3], [1, 2, 3, 4, 5, 6]),
        "train-labels-idx1-ubyte": idxBytes([1], [0]),
      }).path,
      [1, 2, 3],
    ],
    [folderOf({ "train.bin": new Uint8Array(3074) }).path, [3, 32, 32]],
    [folderOf({ "train-0.parquet": parquet }).path, [3, 4, 4]],
    [`${folderOf({ "any-name": parquet }).path}/any-name`, [3, 4, 4]],
    [folderOf({ "train/a/1.png": png }).path, [3, 64, 64]],
  ];
  for (const [path, shape] of sources) {
    expect((await openDataset({ path, split: "train" })).shape).toEqual(shape);
  }
});

test("a source that is nothing known has an exact message", async () => {
  const open = (path: string, side?: number) =>
    openDataset({ path, split: "train", fit: side === undefined ? undefined : squareFit(side) });
  const empty = folderOf({}).path;
  const strange = folderOf({ "a.csv": "1,2", "b/c.png": "" }).path;
  const text = folderOf({ "notes.txt": "hello" }).path;
  expect([
    await messageOf(() => open("no/such/path")),
    await messageOf(() => open("fashion-mnist-mimi")),
    await messageOf(() => open(empty), empty),
    await messageOf(() => open(strange), strange),
    await messageOf(() => open(`${text}/notes.txt`), text),
    await messageOf(() => open(strange, 0)),
  ]).toEqual([
    "data: no/such/path: expected a file, a folder or an embedded data set (fashion-mnist-mini), found nothing there; check the path.",
    'data: fashion-mnist-mimi: expected a file, a folder or an embedded data set (fashion-mnist-mini), found nothing there (did you mean "fashion-mnist-mini"?); check the path.',
    "data: DIR: expected a data set, found an empty folder; check the path.",
    'data: DIR: expected IDX files (train-images-idx3-ubyte), CIFAR files (data_batch_1.bin or train.bin), parquet files (train-*.parquet) or folders train/<class>/ and val/<class>/, found "a.csv", "b"; arrange the data as one of these.',
    "data: DIR/notes.txt: expected a parquet file (beginning with PAR1) or a folder, found another kind of file; check the path.",
    "usage: size: expected an integer from 1 to 4096, found 0; choose another size.",
  ]);
});
