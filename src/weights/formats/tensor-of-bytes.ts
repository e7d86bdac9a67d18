import { SenetError } from "../../base/errors.ts";
import type { Tensor } from "../../ir/tensor.ts";
import { decodeElements, type StoredTypeName, storedTypes } from "./stored-type.ts";
import { quote } from "./weights-file.ts";

/**
 * A tensor from little-endian elements; it takes over `bytes`, which nothing else may use.
 *
 * @param what the file's name for messages
 * @throws SenetError `file` when a bool is neither 0 nor 1: engines take that for granted.
 */
export function tensorOfBytes(
  name: string,
  type: StoredTypeName,
  shape: readonly number[],
  bytes: Uint8Array,
  what: string,
): Tensor {
  const wrong = type === "bool" ? bytes.find((byte) => byte > 1) : undefined;
  if (wrong !== undefined) {
    throw new SenetError(
      "file",
      `${what}: tensor ${quote(name)}: expected 0 or 1 in a BOOL tensor, found ${wrong}; store it as U8.`,
    );
  }
  return { dtype: storedTypes[type].dtype, shape, data: decodeElements(type, bytes) };
}
