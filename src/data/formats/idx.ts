import { SenetError } from "../../base/errors.ts";
import { limits } from "../../files/limits.ts";

const UNSIGNED_BYTE = 0x08;

/**
 * Reads an IDX file (the format of MNIST, http://yann.lecun.com/exdb/mnist): two zero bytes, the type, the
 * rank, one big-endian uint32 per dimension, then the values. Only unsigned bytes are read.
 *
 * @param bytes the whole file, decompressed; the result shares its memory
 * @param rank the number of dimensions expected: 3 for images, 1 for labels
 */
export function parseIdx(
  bytes: Uint8Array,
  rank: number,
  where: string,
): { dims: readonly number[]; values: Uint8Array } {
  const expectedMagic = (UNSIGNED_BYTE << 8) | rank;
  const headerBytes = 4 + 4 * rank;
  if (bytes.length < 4) throw sizeError(where, headerBytes, bytes.length, "for the header");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = view.getUint32(0);
  if (magic !== expectedMagic) {
    throw new SenetError(
      "data",
      `${where}: expected an IDX file of bytes with ${rank} dimension${rank === 1 ? "" : "s"} (magic number ${hex(expectedMagic)}), found ${hex(magic)}; check that this is the right file, unpacked.`,
    );
  }
  if (bytes.length < headerBytes) throw sizeError(where, headerBytes, bytes.length, "for the header");
  const dims = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const count = dims.reduce((product, dim) => product * dim, 1);
  if (dims.slice(1).some((dim) => dim === 0 || dim > limits.size)) {
    throw new SenetError(
      "data",
      `${where}: expected images of 1 to ${limits.size} pixels a side, found ${dims.slice(1).join("×")}; the file is damaged, get it again.`,
    );
  }
  if (bytes.length !== headerBytes + count) {
    throw sizeError(where, headerBytes + count, bytes.length, `for ${dims.join("×")} values`);
  }
  return { dims, values: bytes.subarray(headerBytes) };
}

function sizeError(where: string, expected: number, found: number, what: string): SenetError {
  const state = found < expected ? "truncated" : "too long";
  return new SenetError(
    "data",
    `${where}: expected ${expected} bytes ${what}, found ${found}; the file is ${state}, get it again.`,
  );
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, "0")}`;
}
