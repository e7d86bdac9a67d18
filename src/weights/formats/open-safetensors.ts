import type { ByteSource } from "../../files/byte-source.ts";
import { sizeOf } from "../../ir/shape.ts";
import { headerLength, LENGTH_BYTES, parseHeader, type TensorEntry } from "./safetensors-header.ts";
import { storedTypes } from "./stored-type.ts";
import { tensorOfBytes } from "./tensor-of-bytes.ts";
import { type WeightsFile, weightsFile } from "./weights-file.ts";

/** What a safetensors file says of itself is a record of text, which its writer may change. */
export interface SafetensorsFile extends WeightsFile {
  readonly metadata: Record<string, string>;
}

/**
 * A safetensors file of which only the header is read; the tensors are read on request.
 *
 * Format: https://github.com/huggingface/safetensors#format
 */
export async function openSafetensors(source: ByteSource): Promise<SafetensorsFile> {
  const { what, size } = source;
  const lengthBytes = await source.read(0, Math.min(size, LENGTH_BYTES));
  const dataStart = LENGTH_BYTES + headerLength(lengthBytes, size, what);
  const header = await source.read(LENGTH_BYTES, dataStart - LENGTH_BYTES);
  const { entries, metadata } = parseHeader(header, size - dataStart, what);
  const file = weightsFile<TensorEntry>(source, {
    format: "safetensors",
    entries: new Map(entries.map((entry) => [entry.name, entry])),
    async read(name, { type, shape, begin, end }) {
      return tensorOfBytes(name, type, shape, await source.read(dataStart + begin, end - begin), what);
    },
    async readSlice(name, { type, shape: [, ...rest], begin }, from, to) {
      const rowBytes = sizeOf(rest) * storedTypes[type].bytes;
      const bytes = await source.read(dataStart + begin + from * rowBytes, (to - from) * rowBytes);
      return tensorOfBytes(name, type, [to - from, ...rest], bytes, what);
    },
  });
  return { ...file, metadata };
}
