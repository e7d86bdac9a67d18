import type { ByteSource } from "../byte-source.ts";
import { badArchive } from "./inflate.ts";
import { tarMembers } from "./tar.ts";
import { readMember, readZipDirectory } from "./zip.ts";

/** Most bytes of a package's files together when decompressed: oneDNN's take 50 to 150 million. */
const MAX_UNPACKED_BYTES = 600_000_000;

/**
 * One file of a package in conda's format: a zip archive that holds the package's files as `pkg-….tar.zst`
 * (https://docs.conda.io/projects/conda/en/stable/user-guide/concepts/packages.html).
 *
 * @param path matches the path of one file in the package; links do not count
 * @throws SenetError `file` for what is no such archive, or has no such file
 * @example const library = await readPackedFile(await fileSource("onednn.conda"), /^lib\/libdnnl\.so\.3\.\d+$/);
 */
export async function readPackedFile(source: ByteSource, path: RegExp): Promise<Uint8Array> {
  const members = await readZipDirectory(source);
  const packed = [...members.values()].find(({ name }) => /^pkg-[^/]+\.tar\.zst$/.test(name));
  if (!packed) throw badArchive(source.what, "expected a package in conda's format, found no pkg-….tar.zst");
  const tar = await decompress(await readMember(source, packed), source.what);
  for (const { name, isFile, bytes } of tarMembers(tar, source.what)) {
    if (isFile && path.test(name)) return bytes;
  }
  throw badArchive(source.what, `expected a file ${path.source} in the package, found none`);
}

/** Node 20 has no decompressor for zstd. */
async function decompress(bytes: Uint8Array, what: string): Promise<Uint8Array> {
  const { Decompress } = await import("fzstd");
  const parts: Uint8Array[] = [];
  let length = 0;
  const stream = new Decompress((chunk) => {
    length += chunk.length;
    if (length > MAX_UNPACKED_BYTES)
      throw badArchive(what, `expected at most ${MAX_UNPACKED_BYTES} bytes, found more`);
    parts.push(chunk);
  });
  try {
    stream.push(bytes, true);
  } catch (cause) {
    throw badArchive(what, "expected data compressed with zstd, found other bytes", cause);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
