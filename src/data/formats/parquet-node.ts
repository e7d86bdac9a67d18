import { basename, join } from "node:path";
import { SenetError } from "../../base/errors.ts";
import { limits } from "../../files/limits.ts";
import { kindOfPath, listFolder } from "../../files/read-file-node.ts";
import { numberedClasses } from "../dataset/classes.ts";
import type { DataSource, Dataset, OpenOptions } from "../dataset/dataset.ts";
import { checkMemory, sampleBytesOf } from "../dataset/memory-dataset.ts";
import { decodeImage } from "../images/decode-image-node.ts";
import type { Fit } from "../images/fit-image.ts";
import { imageHeader } from "../images/image-header.ts";
import { checkEncodedBytes, type ParquetRows, readParquetRows } from "./parquet-rows-node.ts";

const PREFIXES = { train: ["train"], test: ["test", "validation", "valid", "val"] } as const;

/**
 * Opens a parquet file (for either split; the loader refuses one file for both), or all `train-*.parquet` (`test-*`, `validation-*`) of a folder, in the layout of
 * Hugging Face image data sets. The encoded images stay in memory until each is decoded, once, by the first
 * `read`. Without `source.fit` all images must share one size; if all are gray the shape is [1, height, width].
 */
export async function openParquet(source: DataSource, options: OpenOptions = {}): Promise<Dataset> {
  const paths = await findFiles(source);
  const files: ParquetRows[] = [];
  let encodedBytes = 0;
  for (const path of paths) {
    const file = await readParquetRows(path, options);
    for (const image of file.images) encodedBytes += image.length;
    checkEncodedBytes(source.path, encodedBytes);
    files.push(file);
  }
  const labels = Int32Array.from(files.flatMap((file) => file.labels));
  const encoded = files.flatMap((file) => file.images);
  const rowNames = (index: number) => rowName(paths, files, index);
  if (encoded.length === 0) {
    throw new SenetError("data", `${paths[0]}: expected at least one row, found none; use another file.`);
  }
  const shape = await commonShape(encoded, source.fit, rowNames);
  checkMemory(source.path, encoded.length, shape);
  return {
    name: basename(source.path),
    split: source.split,
    classes: classesOf(source.path, files) ?? numberedClasses(labels),
    shape,
    length: encoded.length,
    labels,
    skipped: [],
    read: lazyReader(encoded, shape, source.fit, rowNames),
  };
}

async function findFiles(source: DataSource): Promise<string[]> {
  if ((await kindOfPath(source.path)) === "file") return [source.path];
  const names = (await listFolder(source.path)).filter((name) => name.endsWith(".parquet"));
  for (const prefix of PREFIXES[source.split]) {
    const found = names.filter((name) => name === `${prefix}.parquet` || name.startsWith(`${prefix}-`));
    if (found.length > 0) return found.map((name) => join(source.path, name));
  }
  throw new SenetError(
    "data",
    `${source.path}: expected ${PREFIXES[source.split].map((prefix) => `${prefix}-*.parquet`).join(" or ")} for the ${source.split} split, found ${names.length === 0 ? "no parquet file" : names.slice(0, 5).join(", ")}; name the files of each split so.`,
  );
}

function rowName(paths: readonly string[], files: readonly ParquetRows[], index: number): string {
  let row = index;
  let file = 0;
  while (row >= files[file].images.length) row -= files[file++].images.length;
  return `${paths[file]}: row ${row}`;
}

function classesOf(path: string, files: readonly ParquetRows[]): readonly string[] | undefined {
  const [first, ...others] = files.map((file) => file.columns.classes);
  const differs = others.some((classes) => JSON.stringify(classes) !== JSON.stringify(first));
  if (!differs) return first;
  throw new SenetError(
    "data",
    `${path}: expected the same class names in all ${files.length} parquet files, found different ones; use files of one data set.`,
  );
}

/** The shape of all samples; headers are compared now, so that the odd image is named before training begins. */
async function commonShape(
  encoded: readonly Uint8Array[],
  fit: Fit | undefined,
  rowNames: (index: number) => string,
): Promise<[number, number, number]> {
  const headers = encoded.map((bytes) => imageHeader(bytes));
  const channels = headers.every((header) => header?.gray) ? 1 : 3;
  if (fit) return [channels, fit.height, fit.width];
  const first = await decodeImage(encoded[0], { channels, where: rowNames(0) });
  const sides = sidesOf(first);
  for (const [index, header] of headers.entries()) {
    if (header !== undefined && sidesOf(header) !== sides) throw sizeError(rowNames(index), first, header);
  }
  if (Math.max(first.width, first.height) > limits.size) {
    throw new SenetError(
      "data",
      `${rowNames(0)}: expected at most ${limits.size} pixels a side, found ${first.width}×${first.height}; give a \`size\` to resize all images.`,
    );
  }
  return [channels, first.height, first.width];
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Short and long side: a header does not say whether EXIF exchanges them. */
function sidesOf({ width, height }: Size): string {
  return `${Math.min(width, height)}×${Math.max(width, height)}`;
}

function sizeError(where: string, expected: Size, found: Size): SenetError {
  return new SenetError(
    "data",
    `${where}: expected an image of ${expected.width}×${expected.height} like the first, found ${found.width}×${found.height}; give a \`size\` to resize all images.`,
  );
}

/** A `read` that decodes each image at its first use and then only copies. */
function lazyReader(
  encoded: readonly Uint8Array[],
  shape: Dataset["shape"],
  fit: Fit | undefined,
  rowNames: (index: number) => string,
): Dataset["read"] {
  const [channels, height, width] = shape;
  const sampleBytes = sampleBytesOf(shape);
  const pixels = new Uint8Array(encoded.length * sampleBytes);
  const waiting: (Uint8Array | undefined)[] = [...encoded];
  const inProgress = new Map<number, Promise<void>>();

  const decode = async (index: number, bytes: Uint8Array) => {
    const where = rowNames(index);
    const image = await decodeImage(bytes, { fit, channels: channels === 1 ? 1 : 3, where });
    if (image.height !== height || image.width !== width) throw sizeError(where, { width, height }, image);
    pixels.set(image.pixels, index * sampleBytes);
    waiting[index] = undefined;
  };
  const copy = (index: number, into: Uint8Array) =>
    into.set(pixels.subarray(index * sampleBytes, (index + 1) * sampleBytes));
  return (index, into) => {
    const bytes = waiting[index];
    if (bytes === undefined) return copy(index, into);
    const decoding = inProgress.get(index) ?? decode(index, bytes).finally(() => inProgress.delete(index));
    inProgress.set(index, decoding);
    return decoding.then(() => copy(index, into));
  };
}
