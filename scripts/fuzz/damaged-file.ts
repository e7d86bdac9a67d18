import { randomStream } from "../../src/base/random.ts";
import { crc32 } from "../../src/files/archives/crc32.ts";
import { mutate } from "./mutate.ts";

/** File number `index` of a search: format, seed and number name it, whichever files were made before. */
export function damagedFile(
  seeds: readonly Uint8Array[],
  format: string,
  seed: number,
  index: number,
): Uint8Array {
  return mutate(seeds, randomStream(seed, crc32(Buffer.from(format)), index));
}
