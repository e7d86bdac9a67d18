import type { TensorProto } from "onnx-buf";
import { malformed } from "./malformed.ts";

/** The content of a file beside a model, by the name that the model gives it. */
export type ExternalData = (location: string) => Uint8Array;

/**
 * The bytes of a tensor that is stored outside the model's file (https://onnx.ai/onnx/repo-docs/ExternalData.html).
 *
 * @throws SenetError `file` without a look-up, or when the range that the model names is not in the file.
 */
export function externalBytes(
  proto: TensorProto,
  what: string,
  lookUp: ExternalData | undefined,
): Uint8Array {
  const entries = new Map(proto.externalData.map(({ key, value }) => [key, value]));
  const location = entries.get("location");
  if (!location) return malformed(`${what} is stored outside the file, which does not say where`);
  if (!lookUp) {
    return malformed(
      `${what} is stored outside the file, in "${location}"; read the model with readOnnxFile, or save it with its weights in one file`,
    );
  }
  const bytes = lookUp(location);
  const offset = byteCount(entries.get("offset"), 0, what);
  const length = byteCount(entries.get("length"), Math.max(0, bytes.length - offset), what);
  if (offset + length > bytes.length) {
    malformed(
      `${what}: expected ${length} bytes from byte ${offset} of "${location}", found a file of ${bytes.length}; download it again`,
    );
  }
  return bytes.subarray(offset, offset + length);
}

function byteCount(text: string | undefined, fallback: number, what: string): number {
  if (text === undefined) return fallback;
  const count = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(count)) return count;
  return malformed(`${what}: expected a number of bytes for its place outside the file, found "${text}"`);
}
