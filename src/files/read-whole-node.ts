import { open } from "node:fs/promises";
import { fileError } from "./file-error.ts";

/**
 * The bytes of a file of any size.
 *
 * @throws SenetError `file` when it cannot be read
 */
export async function readWhole(path: string): Promise<Uint8Array> {
  try {
    return await readAtOnce(path);
  } catch (error) {
    throw fileError("read", path, error);
  }
}

/** Node refuses reads of 2 GiB and more. */
const READ_BYTES = 2 ** 30;

/** A whole file. (Node's own `readFile` reads half a megabyte at a time, which takes four times as long for a large file.) */
async function readAtOnce(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const found = await file.stat();
    if (!found.isFile()) return await file.readFile(); // a pipe has no size
    const { size } = found;
    const bytes = Buffer.allocUnsafe(size);
    let done = 0;
    for (let read = -1; read !== 0 && done < size; done += read) {
      read = (await file.read(bytes, done, Math.min(READ_BYTES, size - done), done)).bytesRead;
    }
    return bytes.subarray(0, done);
  } finally {
    await file.close();
  }
}
