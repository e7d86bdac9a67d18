import { SenetError } from "../../base/errors.ts";
import { dtypes } from "../../ir/dtype.ts";
import { sizeOf } from "../../ir/shape.ts";
import type { Tensor, TensorData } from "../../ir/tensor.ts";
import { headerLength, LENGTH_BYTES, parseHeader, safetensorsDTypes } from "./safetensors-header.ts";
import { tensorOfBytes } from "./tensor-of-bytes.ts";

/** Tensors by name, and free text about them. */
export interface Safetensors {
  readonly tensors: Map<string, Tensor>;
  readonly metadata: Record<string, string>;
}

/**
 * Tensors in the safetensors format, as chunks to be written one after another: the header, then one chunk
 * a tensor. The chunks share the tensors' memory: write them before changing a tensor. Larger elements come
 * first, so that every tensor is aligned for readers that map the file into memory.
 *
 * Format: https://github.com/huggingface/safetensors#format
 *
 * @example new Blob(encodeSafetensors(new Map([["fc.bias", zeros([10])]]), { epoch: "3" }))
 * @throws SenetError `file` for the reserved name `__metadata__`, `shape` when data do not fit dtype and shape.
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array[] {
  for (const [name, tensor] of tensors) checkTensor(name, tensor);
  const layout = [...tensors].toSorted(([, a], [, b]) => dtypes[b.dtype].bytes - dtypes[a.dtype].bytes);
  const begins = new Map<string, number>();
  let offset = 0;
  for (const [name, { data }] of layout) {
    begins.set(name, offset);
    offset += data.byteLength;
  }
  // Joined by hand: an object literal would move names such as "10" to the front.
  const fields = [...tensors].map(([name, { dtype, shape, data }]) => {
    const begin = begins.get(name) ?? 0;
    const entry = {
      dtype: safetensorsDTypes[dtype],
      shape,
      data_offsets: [begin, begin + data.byteLength],
    };
    return `${JSON.stringify(name)}:${JSON.stringify(entry)}`;
  });
  if (Object.keys(metadata).length > 0) fields.unshift(`"__metadata__":${JSON.stringify(metadata)}`);
  return [encodeHeader(`{${fields.join(",")}}`), ...layout.map(([, { data }]) => bytesOf(data))];
}

/**
 * The tensors of a safetensors file, copied out of `bytes`, in the order of its header. Nothing in the file
 * is trusted: lengths, offsets and names are checked before memory is allocated.
 *
 * @param what the file's name for messages.
 * @example decodeSafetensors(new Uint8Array(await response.arrayBuffer()), url).tensors.get("fc.weight")
 * @throws SenetError `file` for anything that is not a complete, well-formed file of supported dtypes.
 */
export function decodeSafetensors(bytes: Uint8Array, what = "safetensors data"): Safetensors {
  const dataStart = LENGTH_BYTES + headerLength(bytes.subarray(0, LENGTH_BYTES), bytes.length, what);
  const header = parseHeader(bytes.subarray(LENGTH_BYTES, dataStart), bytes.length - dataStart, what);
  const tensors = new Map<string, Tensor>();
  for (const { name, type, shape, begin, end } of header.entries) {
    // Not slice(): on Node's Buffer that shares the memory.
    const copy = new Uint8Array(bytes.subarray(dataStart + begin, dataStart + end));
    tensors.set(name, tensorOfBytes(name, type, shape, copy, what));
  }
  return { tensors, metadata: header.metadata };
}

/** Length and JSON, padded by spaces to a multiple of 8 bytes so that the data are aligned. */
function encodeHeader(json: string): Uint8Array {
  const text = new TextEncoder().encode(json);
  const length = Math.ceil(text.length / LENGTH_BYTES) * LENGTH_BYTES;
  const header = new Uint8Array(LENGTH_BYTES + length).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(length), true);
  header.set(text, LENGTH_BYTES);
  return header;
}

function bytesOf(data: TensorData): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function checkTensor(name: string, { dtype, shape, data }: Tensor): void {
  if (name === "__metadata__") {
    throw new SenetError(
      "file",
      'safetensors: the name "__metadata__" is reserved by the format; rename the tensor.',
    );
  }
  if (!(data instanceof dtypes[dtype].array) || data.length !== sizeOf(shape)) {
    throw new SenetError(
      "shape",
      `safetensors: tensor "${name}": expected ${sizeOf(shape)} elements in a ${dtypes[dtype].array.name} for ${dtype} [${shape.join(", ")}], found ${data.length} in a ${data.constructor.name}; build it with tensor().`,
    );
  }
}
