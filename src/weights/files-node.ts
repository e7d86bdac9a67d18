import { randomBytes } from "node:crypto";
import type { Stats } from "node:fs";
import { open, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { SenetError } from "../errors.ts";
import type { Tensor } from "../ir/tensor.ts";
import { fileSource } from "./byte-source-node.ts";
import { fileError } from "./file-error.ts";
import { openSafetensors } from "./open-safetensors.ts";
import { encodeSafetensors, type Safetensors } from "./safetensors.ts";

/**
 * Writes a file whole or not at all: into a temporary file in the same folder, to the disk, then renamed over
 * `path`. Whatever happens on the way, even the loss of power, `path` holds the old bytes or the new ones. A
 * failure removes the temporary file; only a killed process leaves one behind (`.NAME.….tmp`).
 *
 * @param chunks written one after another; strings as UTF-8.
 * @example await writeFileAtomic("report.html", [html])
 * @throws SenetError `file` in one sentence (disk full, no folder, no permission, not a regular file).
 */
export async function writeFileAtomic(
  path: string,
  chunks: Iterable<Uint8Array | string> | AsyncIterable<Uint8Array | string>,
): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}.tmp`);
  try {
    await refuseSpecialFile(path);
    await writeAndSync(temporary, chunks);
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {}); // the first error is the one worth telling
    throw fileError("write", path, error);
  }
}

/**
 * Reads a safetensors file tensor by tensor, so that it is never in memory twice.
 *
 * @example const { tensors, metadata } = await readSafetensorsFile("best.safetensors");
 * @throws SenetError `file` when it cannot be read or is not well-formed.
 */
export async function readSafetensorsFile(path: string): Promise<Safetensors> {
  const source = await fileSource(path);
  try {
    const { entries, metadata, read } = await openSafetensors(source);
    const tensors = new Map<string, Tensor>();
    for (const name of entries.keys()) tensors.set(name, await read(name));
    return { tensors, metadata };
  } finally {
    await source.close();
  }
}

/**
 * Writes tensors as a safetensors file, whole or not at all (see `writeFileAtomic`). Their memory is read while
 * the promise is pending: do not train into the same tensors meanwhile.
 *
 * @example await writeSafetensorsFile("best.safetensors", parameters, { model: "seresnet20", epoch: "12" });
 * @throws SenetError `file` when it cannot be written, `shape` when a tensor contradicts itself.
 */
export async function writeSafetensorsFile(
  path: string,
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  await writeFileAtomic(path, encodeSafetensors(tensors, metadata));
}

/** Renaming over `/dev/null` as root would replace the device by a file. */
async function refuseSpecialFile(path: string): Promise<void> {
  const found: Stats | undefined = await stat(path).catch(() => undefined); // absent: nothing to protect
  if (found === undefined || found.isFile()) return;
  const kind = found.isDirectory() ? "a folder" : "a device or pipe";
  throw new SenetError("file", `${path}: expected a file or nothing, found ${kind}; choose another path.`);
}

async function writeAndSync(
  path: string,
  chunks: Iterable<Uint8Array | string> | AsyncIterable<Uint8Array | string>,
): Promise<void> {
  const file = await open(path, "wx");
  try {
    for await (const chunk of chunks) await file.writeFile(chunk);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes the renaming itself survive a loss of power, where the system can do so (Windows cannot open folders). */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r").catch(() => undefined);
  await folder?.sync().catch(() => {});
  await folder?.close();
}
