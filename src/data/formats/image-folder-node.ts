import { availableParallelism } from "node:os";
import { basename, join } from "node:path";
import { SenetError } from "../../base/errors.ts";
import { limits } from "../../files/limits.ts";
import { kindOfPath, listFolder, readDataFile } from "../../files/read-file-node.ts";
import { listNames, sharedClasses } from "../dataset/classes.ts";
import type { DataSource, Dataset, OpenOptions } from "../dataset/dataset.ts";
import { checkMemory, memoryDataset, sampleBytesOf } from "../dataset/memory-dataset.ts";
import { SPLIT_FOLDERS } from "../dataset/split-folders.ts";
import { decodeImage } from "../images/decode-image-node.ts";
import { squareFit } from "../images/fit-image.ts";
import { promisePool } from "./promise-pool.ts";

/** Height and width of the samples of an image folder by default. */
const DEFAULT_FOLDER_SIZE = 64;

/**
 * Opens `path/train/<class>/*` or `path/val/<class>/*` (also `test`, `validation`, `valid`). Every image is decoded
 * and resized now, so that a bad file is found before any work is done, and kept as uint8 RGB of [3, height, width].
 * Classes are the folder names in sorted order, as in torchvision. Hidden files are ignored.
 */
export async function openImageFolder(source: DataSource, options: OpenOptions = {}): Promise<Dataset> {
  const fit = source.fit ?? squareFit(DEFAULT_FOLDER_SIZE);
  const shape = [3, fit.height, fit.width] as const;
  const folder = await findSplit(source.path, source.split);
  const classes = await listClasses(folder);
  await checkOtherSplit(source, classes);
  const files = (await Promise.all(classes.map((name) => listImages(folder, name)))).flatMap((paths, label) =>
    paths.map((path) => ({ path, label })),
  );
  checkMemory(folder, files.length, shape);
  const sampleBytes = sampleBytesOf(shape);
  const pixels = new Uint8Array(files.length * sampleBytes);
  const reasons = new Map<number, string>();
  let done = 0;
  await promisePool(files, availableParallelism(), async ({ path }, index) => {
    try {
      const bytes = await readDataFile(path, limits.imageBytes);
      const image = await decodeImage(bytes, { fit, where: path });
      pixels.set(image.pixels, index * sampleBytes);
    } catch (error) {
      if (!(source.skipBad && error instanceof SenetError)) throw error;
      reasons.set(index, error.message);
    }
    options.onProgress?.({ what: "decoding images", done: ++done, total: files.length });
  });

  const good = [...files.keys()].filter((index) => !reasons.has(index));
  good.forEach((from, to) => {
    if (from !== to) pixels.copyWithin(to * sampleBytes, from * sampleBytes, (from + 1) * sampleBytes);
  });
  const labels = Int32Array.from(good, (index) => files[index].label);
  checkEveryClass(folder, classes, labels);
  return memoryDataset({
    name: basename(source.path),
    split: source.split,
    classes,
    shape,
    labels,
    pixels: pixels.subarray(0, good.length * sampleBytes),
    skipped: [...reasons].sort(([a], [b]) => a - b).map(([i, reason]) => ({ path: files[i].path, reason })),
  });
}

async function findSplit(path: string, split: "train" | "test"): Promise<string> {
  const folder = await findSplitIfAny(path, split);
  if (folder !== undefined) return folder;
  throw new SenetError(
    "data",
    `${path}: expected a folder ${SPLIT_FOLDERS[split].map((name) => `${name}/`).join(" or ")} with one folder per class for the ${split} split, found none; add it.`,
  );
}

async function findSplitIfAny(path: string, split: "train" | "test"): Promise<string | undefined> {
  for (const name of SPLIT_FOLDERS[split]) {
    const folder = join(path, name);
    if ((await kindOfPath(folder)) === "folder") return folder;
  }
  return undefined;
}

async function listClasses(folder: string): Promise<string[]> {
  const names = await listFolder(folder);
  const kinds = await Promise.all(names.map((name) => kindOfPath(join(folder, name))));
  const classes = names.filter((_, index) => kinds[index] === "folder");
  if (classes.length === 0) {
    throw new SenetError(
      "data",
      `${folder}: expected one folder per class, found none; add the class folders.`,
    );
  }
  if (classes.length > limits.classes) {
    throw new SenetError(
      "data",
      `${folder}: expected at most ${limits.classes} classes, found ${classes.length} folders; check the path.`,
    );
  }
  return classes;
}

async function checkOtherSplit(source: DataSource, classes: readonly string[]): Promise<void> {
  const other = await findSplitIfAny(source.path, source.split === "train" ? "test" : "train");
  if (other === undefined) return;
  const otherClasses = await listClasses(other);
  if (source.split === "train") sharedClasses(classes, otherClasses);
  else sharedClasses(otherClasses, classes);
}

async function listImages(folder: string, className: string): Promise<string[]> {
  const names = await listFolder(join(folder, className));
  const paths = names.map((name) => join(folder, className, name));
  const kinds = await Promise.all(paths.map(kindOfPath));
  const other = paths.find((_, index) => kinds[index] === "other");
  if (other !== undefined) {
    // Opening a pipe waits for its writer.
    throw new SenetError("data", `${other}: expected an image file, found a device or pipe; remove it.`);
  }
  const images = paths.filter((_, index) => kinds[index] !== "folder");
  if (images.length > 0) return images;
  throw new SenetError(
    "data",
    `${join(folder, className)}: expected images of class "${className}", found none; add images or remove the folder.`,
  );
}

function checkEveryClass(folder: string, classes: readonly string[], labels: Int32Array): void {
  const present = new Set(labels);
  const empty = classes.filter((_, label) => !present.has(label));
  if (empty.length === 0) return;
  throw new SenetError(
    "data",
    `${folder}: expected at least one image that decodes in every class, found none in ${listNames(empty)}; replace the damaged files.`,
  );
}
