import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { openDataset } from "../../src/data/open-dataset-node.ts";
import { idxBytes, imageBytes, parquetBytes, temporaryFolder } from "../../test/support/data-fixtures.ts";
import type { Format } from "./format.ts";

const images = idxBytes([4, 3, 3], new Array(36).fill(7));
const labels = idxBytes([4], [0, 1, 2, 1]);

/** Data sets: each a folder in which one file is damaged. */
export const dataFormats: Readonly<Record<string, Format>> = {
  idx: dataset("train-images-idx3-ubyte", async () => images, { "train-labels-idx1-ubyte": labels }),
  "idx-gz": dataset("train-images-idx3-ubyte.gz", async () => gzipSync(images), {
    "train-labels-idx1-ubyte": labels,
  }),
  cifar: dataset("data_batch_1.bin", async () => new Uint8Array(2 * 3073).fill(5), otherBatches()),
  parquet: dataset("train-0.parquet", parquetFile),
};

function dataset(
  name: string,
  whole: () => Promise<Uint8Array>,
  others: Readonly<Record<string, Uint8Array>> = {},
): Format {
  let path = "";
  return {
    async seeds() {
      path = temporaryFolder(others).path;
      return [await whole()];
    },
    async read(bytes) {
      await writeFile(join(path, name), bytes);
      const data = await openDataset({ path, split: "train" });
      const pixels = new Uint8Array(data.shape[0] * data.shape[1] * data.shape[2]);
      for (let i = 0; i < data.length; i++) await data.read(i, pixels);
    },
  };
}

function otherBatches(): Record<string, Uint8Array> {
  const batch = new Uint8Array(3073);
  return Object.fromEntries([2, 3, 4, 5].map((number) => [`data_batch_${number}.bin`, batch]));
}

async function parquetFile(): Promise<Uint8Array> {
  const values = await Promise.all(["red", "green", "blue"].map((color) => imageBytes(4, 3, color)));
  const image = { name: "image", children: [{ name: "bytes", values }] };
  return parquetBytes([image, { name: "label", values: [0, 1, 2] }]);
}
