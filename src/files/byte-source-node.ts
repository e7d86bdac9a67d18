import { type FileHandle, open } from "node:fs/promises";
import { disposable } from "../base/resource.ts";
import { type ByteSource, tooShort } from "./byte-source.ts";
import { fileError } from "./file-error.ts";

/** Bytes asked of the operating system at once: Node refuses reads of 2 GiB and more. */
const READ_BYTES = 2 ** 28;

/** A file on the disk that is read in parts. */
export async function fileSource(path: string): Promise<ByteSource> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, "r");
    const { size } = await file.stat();
    // Opening a folder succeeds, reading it does not.
    await file.read(new Uint8Array(1), 0, 1, 0);
    return sourceOf(file, path, size);
  } catch (error) {
    await file?.close();
    throw fileError("read", path, error);
  }
}

function sourceOf(file: FileHandle, path: string, size: number): ByteSource {
  return {
    what: path,
    size,
    async read(from, length) {
      const bytes = new Uint8Array(length);
      try {
        for (let done = 0; done < length; ) {
          const count = Math.min(READ_BYTES, length - done);
          const { bytesRead } = await file.read(bytes, done, count, from + done);
          if (bytesRead === 0) throw tooShort(path);
          done += bytesRead;
        }
      } catch (error) {
        throw fileError("read", path, error);
      }
      return bytes;
    },
    ...disposable(() => file.close()),
  };
}
