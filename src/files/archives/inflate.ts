import { SenetError } from "../../base/errors.ts";
import { badFile } from "../bad-file.ts";
import type { ByteSource } from "../byte-source.ts";

export const badArchive = badFile("the archive is damaged or cut short, get it again");

/** Compressed bytes read at once. */
const CHUNK_BYTES = 2 ** 16;

/** Bytes that deflate can make of one: RFC 1951 codes up to 258 bytes in 2 bits. */
const MAX_RATIO = 1032;

/**
 * The first `wanted` bytes of deflated data (RFC 1951), or fewer where there are no more. What follows is neither read nor inflated.
 */
export async function inflate(
  source: ByteSource,
  { from, bytes }: { readonly from: number; readonly bytes: number },
  wanted: number,
): Promise<Uint8Array> {
  if (wanted > bytes * MAX_RATIO) {
    throw badArchive(
      source.what,
      `expected ${wanted} bytes, found ${bytes} deflated, which cannot hold them`,
    );
  }
  const result = new Uint8Array(wanted);
  if (wanted === 0) return result;
  let filled = 0;
  try {
    for await (const chunk of compressedChunks(source, from, bytes).pipeThrough(
      new DecompressionStream("deflate-raw"),
    )) {
      const part = chunk.subarray(0, wanted - filled);
      result.set(part, filled);
      filled += part.length;
      if (filled === wanted) break;
    }
  } catch (cause) {
    if (cause instanceof SenetError) throw cause;
    throw badArchive(source.what, "expected deflated data, found other bytes", cause);
  }
  return result.subarray(0, filled);
}

function compressedChunks(source: ByteSource, from: number, bytes: number): ReadableStream<Uint8Array> {
  let at = from;
  const end = from + bytes;
  return new ReadableStream({
    async pull(controller) {
      const length = Math.min(CHUNK_BYTES, end - at);
      if (length === 0) return controller.close();
      controller.enqueue(await source.read(at, length));
      at += length;
    },
  });
}
