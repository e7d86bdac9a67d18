import { basename, join } from "node:path";
import { SenetError } from "../../base/errors.ts";
import { listFolder, readDataFile } from "../../files/read-file-node.ts";
import { checkLabel } from "../dataset/classes.ts";
import type { DataSource, Dataset, OpenOptions } from "../dataset/dataset.ts";
import { memoryDataset } from "../dataset/memory-dataset.ts";
import { readClassNames } from "./class-names-node.ts";

/** The binary layouts of https://www.cs.toronto.edu/~kriz/cifar.html: label bytes, then 3×32×32 pixels. */
interface CifarKind {
  readonly files: Readonly<Record<"train" | "test", readonly string[]>>;
  readonly labelBytes: number;
  readonly classCount: number;
  readonly classNames: string;
}

const SHAPE = [3, 32, 32] as const;
const PIXEL_BYTES = 3 * 32 * 32;

const CIFAR10: CifarKind = {
  files: {
    train: [1, 2, 3, 4, 5].map((number) => `data_batch_${number}.bin`),
    test: ["test_batch.bin"],
  },
  labelBytes: 1,
  classCount: 10,
  classNames: "batches.meta.txt",
};

/** Each record begins with the coarse label (20 superclasses), then the fine one, which is used. */
const CIFAR100: CifarKind = {
  files: { train: ["train.bin"], test: ["test.bin"] },
  labelBytes: 2,
  classCount: 100,
  classNames: "fine_label_names.txt",
};

/** Whether a file name is one of the binary CIFAR-10 or CIFAR-100 data sets. */
export function isCifarName(name: string): boolean {
  return [CIFAR10, CIFAR100].some((kind) => [...kind.files.train, ...kind.files.test].includes(name));
}

/**
 * Opens one split of a folder in the binary layout of CIFAR-10 (`data_batch_1.bin` … `data_batch_5.bin`,
 * `test_batch.bin`) or CIFAR-100 (`train.bin`, `test.bin`; the fine label is used). Samples have shape
 * [3, 32, 32]. Class names come from `batches.meta.txt` or `fine_label_names.txt` when present, else they are numbers.
 */
export async function openCifar(source: DataSource, options: OpenOptions = {}): Promise<Dataset> {
  const names = await listFolder(source.path);
  const kind = [...CIFAR10.files.train, ...CIFAR10.files.test].some((name) => names.includes(name))
    ? CIFAR10
    : CIFAR100;
  const files = kind.files[source.split];
  const missing = files.find((name) => !names.includes(name));
  if (missing !== undefined) {
    throw new SenetError(
      "data",
      `${source.path}: expected ${files.join(", ")} for the ${source.split} split, found no ${missing}; add the file.`,
    );
  }
  const records = new Map<string, Uint8Array>();
  for (const [index, name] of files.entries()) {
    const path = join(source.path, name);
    records.set(path, await readRecords(path, kind));
    options.onProgress?.({ what: "reading", done: index + 1, total: files.length });
  }
  return memoryDataset({
    name: basename(source.path),
    split: source.split,
    classes: await classNames(source.path, names, kind),
    shape: SHAPE,
    ...unpack(records, kind),
  });
}

async function readRecords(path: string, kind: CifarKind): Promise<Uint8Array> {
  const bytes = await readDataFile(path);
  const recordBytes = kind.labelBytes + PIXEL_BYTES;
  if (bytes.length === 0 || bytes.length % recordBytes !== 0) {
    throw new SenetError(
      "data",
      `${path}: expected a multiple of ${recordBytes} bytes (${kind.labelBytes} for labels, ${PIXEL_BYTES} for pixels), found ${bytes.length}; the file is truncated or is not CIFAR-${kind.classCount}, get it again.`,
    );
  }
  return bytes;
}

/** The labels and pixels of the records in some files, by path. */
function unpack(records: ReadonlyMap<string, Uint8Array>, kind: CifarKind) {
  const recordBytes = kind.labelBytes + PIXEL_BYTES;
  const count = [...records.values()].reduce((sum, { length }) => sum + length / recordBytes, 0);
  const labels = new Int32Array(count);
  const pixels = new Uint8Array(count * PIXEL_BYTES);
  let sample = 0;
  for (const [path, bytes] of records) {
    for (let start = 0; start < bytes.length; start += recordBytes) {
      const pixelStart = start + kind.labelBytes;
      labels[sample] = bytes[pixelStart - 1];
      checkLabel(labels[sample], kind.classCount, `${path}: record ${start / recordBytes}`);
      pixels.set(bytes.subarray(pixelStart, start + recordBytes), sample * PIXEL_BYTES);
      sample++;
    }
  }
  return { labels, pixels };
}

async function classNames(folder: string, names: readonly string[], kind: CifarKind): Promise<string[]> {
  if (!names.includes(kind.classNames)) return Array.from({ length: kind.classCount }, (_, i) => String(i));
  const path = join(folder, kind.classNames);
  const found = await readClassNames(path);
  if (found.length !== kind.classCount) {
    throw new SenetError(
      "data",
      `${path}: expected ${kind.classCount} class names, found ${found.length}; correct or delete the file.`,
    );
  }
  return found;
}
