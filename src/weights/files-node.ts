import { randomBytes } from "node:crypto";
import type { Stats } from "node:fs";
import { type FileHandle, open, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { SenetError } from "../errors.ts";
import type { Tensor } from "../ir/tensor.ts";
import { fileError } from "./file-error.ts";
import { encodeSafetensors, type Safetensors, tensorOfBytes } from "./safetensors.ts";
import { headerLength, LENGTH_BYTES, parseHeader } from "./safetensors-header.ts";

/** Bytes asked of the operating system at once: Node refuses reads of 2 GiB and more. */
const READ_BYTES = 2 ** 28;

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
  let file: FileHandle | undefined;
  try {
    file = await open(path, "r");
    const { size } = await file.stat();
    const lengthBytes = await readExactly(file, 0, Math.min(size, LENGTH_BYTES), path);
    const dataStart = LENGTH_BYTES + headerLength(lengthBytes, size, path);
    const headerBytes = await readExactly(file, LENGTH_BYTES, dataStart - LENGTH_BYTES, path);
    const { entries, metadata } = parseHeader(headerBytes, size - dataStart, path);
    const tensors = new Map<string, Tensor>();
    for (const { name, dtype, shape, begin, end } of entries) {
      const bytes = await readExactly(file, dataStart + begin, end - begin, path);
      tensors.set(name, tensorOfBytes(name, dtype, shape, bytes, path));
    }
    return { tensors, metadata };
  } catch (error) {
    throw fileError("read", path, error);
  } finally {
    await file?.close();
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

async function readExactly(
  file: FileHandle,
  from: number,
  length: number,
  path: string,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await file.read(bytes, done, Math.min(READ_BYTES, length - done), from + done);
    if (bytesRead === 0) {
      throw new SenetError("file", `${path}: became shorter while it was read; read it again.`);
    }
    done += bytesRead;
  }
  return bytes;
}
