import { afterEach, expect, test } from "vitest";
import { temporaryFolder } from "../../../test/support/data-fixtures.ts";
import { dataFormat } from "./data-format-node.ts";

const cleanUp: (() => void)[] = [];
afterEach(() => {
  for (const action of cleanUp.splice(0)) action();
});

test.each([
  ["idx", "t10k-labels.idx1-ubyte.gz"],
  ["cifar", "data_batch_1.bin"],
  ["cifar", "train.bin"],
  ["parquet", "train-0.parquet"],
  ["image-folder", "val/cat/1.png"],
] as const)("%s is told by %s", async (format, file) => {
  const { path, remove } = temporaryFolder({ [file]: "" });
  cleanUp.push(remove);
  expect(await dataFormat(path)).toBe(format);
});

test("a single file is parquet, an embedded name IDX", async () => {
  const { path, remove } = temporaryFolder({ "any.name": "PAR1" });
  cleanUp.push(remove);
  expect(await dataFormat(`${path}/any.name`)).toBe("parquet");
  expect(await dataFormat("fashion-mnist-mini")).toBe("idx");
});
