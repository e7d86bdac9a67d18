import { type FileHandle, open } from "node:fs/promises";
import { SenetError } from "../base/errors.ts";
import { formatBytes } from "../base/format.ts";
import { fileError } from "./file-error.ts";

/** Node refuses reads of 2 GiB and more. */
const READ_BYTES = 2 ** 30;

/** The bytes of a file, a pipe or a device, which must not be more than `maxBytes`. */
export async function readWhole(
  path: string,
  maxBytes: number = Number.POSITIVE_INFINITY,
): Promise<Uint8Array> {
  try {
    const file = await open(path);
    try {
      const status = await file.stat();
      if (status.size > maxBytes) throw tooLarge(path, maxBytes, formatBytes(status.size));
      return status.isFile() ? await readAtOnce(file, status.size) : await readStream(file, path, maxBytes);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw fileError("read", path, error);
  }
}

/** A whole file. (Node's own `readFile` reads half a megabyte at a time, which takes four times as long for a large file.) */
async function readAtOnce(file: FileHandle, size: number): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafe(size);
  let done = 0;
  for (let read = -1; read !== 0 && done < size; done += read) {
    read = (await file.read(bytes, done, Math.min(READ_BYTES, size - done), done)).bytesRead;
  }
  return bytes.subarray(0, done);
}

/** The content of a pipe or a device, whose size is not known in advance. */
async function readStream(file: FileHandle, path: string, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of file.createReadStream({ end: maxBytes, autoClose: false })) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  if (bytes.length > maxBytes) throw tooLarge(path, maxBytes, "more");
  return bytes;
}

function tooLarge(path: string, maxBytes: number, found: string): SenetError {
  return new SenetError(
    "file",
    `${path}: expected a file of at most ${formatBytes(maxBytes)}, found ${found}; use a smaller file.`,
  );
}
