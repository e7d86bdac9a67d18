import { disposable } from "../../src/base/resource.ts";
import { type ByteSource, tooShort } from "../../src/files/byte-source.ts";

/** Bytes in memory as a source. */
export function bytesSource(bytes: Uint8Array, what: string): ByteSource {
  return {
    what,
    size: bytes.length,
    async read(from, length) {
      if (from + length > bytes.length) throw tooShort(what);
      return new Uint8Array(bytes.subarray(from, from + length));
    },
    ...disposable(async () => {}),
  };
}
