import { readdir, stat } from "node:fs/promises";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { reasonOf, SenetError } from "../base/errors.ts";
import { formatBytes } from "../base/format.ts";
import { fileError } from "./file-error.ts";
import { limits } from "./limits.ts";
import { readWhole } from "./read-whole-node.ts";

/** Reads a whole file of at most `maxBytes`; a name ending in `.gz` is decompressed, under the same limit. */
export async function readDataFile(path: string, maxBytes: number = limits.fileBytes): Promise<Uint8Array> {
  const bytes = await readWhole(path, maxBytes).catch((error) => {
    throw asData(error);
  });
  if (!path.endsWith(".gz")) return bytes;
  try {
    return await promisify(gunzip)(bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    const tooLarge = error instanceof RangeError;
    const most = formatBytes(maxBytes);
    const problem = tooLarge
      ? `expected gzip data of at most ${most}, found: more than ${most}; the file is too large`
      : `expected gzip data, found: ${reasonOf(error)}; the file is damaged, get it again`;
    throw new SenetError("data", `${path}: ${problem}.`, { cause: error });
  }
}

/** The names in a folder, sorted by code unit, without hidden files and what desktops leave behind. */
export async function listFolder(path: string): Promise<string[]> {
  try {
    const names = await readdir(path);
    return names.filter((name) => !name.startsWith(".") && !LITTER.has(name)).sort();
  } catch (error) {
    throw asData(fileError("read", path, error));
  }
}

/** What lies at a path; "other" is a device or a pipe, which may be without end. Follows links. */
export async function kindOfPath(path: string): Promise<"file" | "folder" | "other" | "missing"> {
  try {
    const status = await stat(path);
    return status.isDirectory() ? "folder" : status.isFile() ? "file" : "other";
  } catch {
    return "missing";
  }
}

const LITTER = new Set(["Thumbs.db", "desktop.ini", "__MACOSX"]);

/** As reading said it; what is read here is data. */
function asData(error: unknown): unknown {
  return error instanceof SenetError ? new SenetError("data", error.message, { cause: error }) : error;
}
