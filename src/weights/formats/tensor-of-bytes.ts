import { SenetError } from "../../base/errors.ts";
import { quote } from "../../files/bad-file.ts";
import type { Tensor } from "../../ir/tensor.ts";
import { decodeElements, type StoredTypeName, storedTypes } from "./stored-type.ts";

/** A tensor from little-endian elements; it takes over `bytes`, which nothing else may use. */
export function tensorOfBytes(
  name: string,
  type: StoredTypeName,
  shape: readonly number[],
  bytes: Uint8Array,
  what: string,
): Tensor {
  // Engines take it for granted that a bool is 0 or 1.
  const wrong = type === "bool" ? bytes.find((byte) => byte > 1) : undefined;
  if (wrong !== undefined) {
    throw new SenetError(
      "file",
      `${what}: tensor ${quote(name)}: expected 0 or 1 in a BOOL tensor, found ${wrong}; store it as U8.`,
    );
  }
  return { dtype: storedTypes[type].dtype, shape, data: decodeElements(type, bytes) };
}
