import { basename, join } from "node:path";
import { SenetError } from "../../base/errors.ts";
import { formatBytes } from "../../base/format.ts";
import { limits } from "../../files/limits.ts";
import { listFolder, readDataFile } from "../../files/read-file-node.ts";
import { numberedClasses } from "../dataset/classes.ts";
import type { DataSource, Dataset } from "../dataset/dataset.ts";
import { memoryDataset } from "../dataset/memory-dataset.ts";
import { readClassNames } from "./class-names-node.ts";
import { parseIdx } from "./idx.ts";

const PREFIX = { train: "train", test: "t10k" } as const;
const CLASS_NAMES = "classes.txt";

/** Whether a file name is one of an IDX data set (`train-images-idx3-ubyte`, with or without `.gz`). */
export function isIdxName(name: string): boolean {
  return /^(train|t10k)-(images|labels)[-.]idx[13]-ubyte(\.gz)?$/.test(name);
}

/**
 * Opens one split of a folder in the layout of MNIST: `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`,
 * `t10k-…`, each plain or `.gz`. Samples have shape [1, height, width]. Class names come from a `classes.txt`
 * (one per line) when there is one, else they are numbers.
 */
export async function openIdx(source: DataSource): Promise<Dataset> {
  const names = await listFolder(source.path);
  const imagesPath = findFile(source, names, "images", 3);
  const labelsPath = findFile(source, names, "labels", 1);
  const images = parseIdx(await readDataFile(imagesPath), 3, imagesPath);
  const labels = parseIdx(await readDataFile(labelsPath), 1, labelsPath);
  const [count, height, width] = images.dims;
  if (count !== labels.dims[0]) {
    throw new SenetError(
      "data",
      `${labelsPath}: expected ${count} labels, one per image of ${basename(imagesPath)}, found ${labels.dims[0]}; get both files from the same place.`,
    );
  }
  if (images.values.length > limits.pixelBytes) {
    throw new SenetError(
      "data",
      `${imagesPath}: expected at most ${formatBytes(limits.pixelBytes)} of pixels, found ${formatBytes(images.values.length)}; use fewer or smaller images.`,
    );
  }
  const labelValues = Int32Array.from(labels.values);
  const classes = names.includes(CLASS_NAMES)
    ? await readClassNames(join(source.path, CLASS_NAMES))
    : numberedClasses(labelValues);
  return memoryDataset({
    name: basename(source.path),
    split: source.split,
    classes,
    shape: [1, height, width],
    labels: labelValues,
    pixels: images.values,
  });
}

function findFile(source: DataSource, names: readonly string[], what: string, rank: number): string {
  const stem = `${PREFIX[source.split]}-${what}`;
  const candidates = [`-idx${rank}-ubyte`, `.idx${rank}-ubyte`].flatMap((end) => [
    stem + end,
    `${stem + end}.gz`,
  ]);
  const found = candidates.find((name) => names.includes(name));
  if (found !== undefined) return join(source.path, found);
  throw new SenetError(
    "data",
    `${source.path}: expected ${candidates[0]} or ${candidates[1]} for the ${source.split} split, found neither; add the file.`,
  );
}
