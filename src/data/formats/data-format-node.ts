import { join } from "node:path";
import { nearest, SenetError } from "../../base/errors.ts";
import { fileSource } from "../../files/byte-source-node.ts";
import { kindOfPath, listFolder } from "../../files/read-file-node.ts";
import { listNames } from "../dataset/classes.ts";
import { SPLIT_FOLDERS } from "../dataset/split-folders.ts";
import { isCifarName } from "./cifar-node.ts";
import { EMBEDDED, embeddedFolder } from "./embedded-node.ts";
import { isIdxName } from "./idx-node.ts";

/** The kinds of data sets that can be read. */
export type DataFormat = "idx" | "cifar" | "parquet" | "image-folder";

/** The kind of data set at a path, from the names of its files; an embedded one is IDX. */
export async function dataFormat(path: string): Promise<DataFormat> {
  if (embeddedFolder(path) !== undefined) return "idx";
  const kind = await kindOfPath(path);
  if (kind === "missing" || kind === "other") throw missing(path);
  if (kind === "file") {
    await checkParquet(path);
    return "parquet";
  }
  const names = await listFolder(path);
  if (names.length === 0) {
    throw new SenetError("data", `${path}: expected a data set, found an empty folder; check the path.`);
  }
  if (names.some(isIdxName)) return "idx";
  if (names.some(isCifarName)) return "cifar";
  if (names.some((name) => name.endsWith(".parquet"))) return "parquet";
  for (const split of [...SPLIT_FOLDERS.train, ...SPLIT_FOLDERS.test]) {
    if ((await kindOfPath(join(path, split))) === "folder") return "image-folder";
  }
  throw new SenetError(
    "data",
    `${path}: expected IDX files (train-images-idx3-ubyte), CIFAR files (data_batch_1.bin or train.bin), parquet files (train-*.parquet) or folders train/<class>/ and val/<class>/, found ${listNames(names)}; arrange the data as one of these.`,
  );
}

function missing(path: string): SenetError {
  return new SenetError(
    "data",
    `${path}: expected a file, a folder or an embedded data set (${EMBEDDED.join(", ")}), found nothing there${nearest(path, EMBEDDED)}; check the path.`,
  );
}

async function checkParquet(path: string): Promise<void> {
  await using file = await fileSource(path);
  const start = await file.read(0, Math.min(file.size, 4));
  if (new TextDecoder().decode(start) === "PAR1") return;
  throw new SenetError(
    "data",
    `${path}: expected a parquet file (beginning with PAR1) or a folder, found another kind of file; check the path.`,
  );
}
