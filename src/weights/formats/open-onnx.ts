import { SenetError } from "../../base/errors.ts";
import type { ByteSource } from "../../files/byte-source.ts";
import { parametersOf, statesOf } from "../../ir/graph.ts";
import type { Tensor } from "../../ir/tensor.ts";
import { readOnnx } from "../../onnx/read-onnx.ts";
import { type WeightsFile, weightsFile } from "./weights-file.ts";

/** Longest file read: protobuf's own limit for one message. */
const MAX_ONNX_BYTES = 2 ** 31 - 1;

/**
 * The parameters and states of an `.onnx` network under their names in the file. Unlike the other formats it has to be read as a whole.
 */
export async function openOnnx(source: ByteSource): Promise<WeightsFile> {
  const { what, size } = source;
  if (size > MAX_ONNX_BYTES) {
    throw new SenetError(
      "file",
      `${what}: expected an .onnx file of at most ${MAX_ONNX_BYTES} bytes, found ${size}; save its weights as safetensors.`,
    );
  }
  const graph = decode(await source.read(0, size), what);
  const entries = new Map<string, Tensor>();
  for (const { name, tensor } of [...parametersOf(graph), ...statesOf(graph)]) {
    if (name !== undefined && tensor) entries.set(name, tensor);
  }
  return weightsFile(source, {
    format: "onnx",
    entries,
    metadata: graph.metadata,
    read: async (_, tensor) => tensor,
  });
}

function decode(bytes: Uint8Array, what: string) {
  try {
    return readOnnx(bytes);
  } catch (cause) {
    if (!(cause instanceof SenetError)) throw cause;
    throw new SenetError(cause.code, `${what}: ${cause.message.replace(/^ONNX file: /, "")}`, { cause });
  }
}
