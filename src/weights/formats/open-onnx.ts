import { SenetError } from "../../base/errors.ts";
import type { ByteSource } from "../../files/byte-source.ts";
import { parametersOf, statesOf } from "../../ir/graph.ts";
import type { Tensor } from "../../ir/tensor.ts";
import { withFileName } from "../../onnx/malformed.ts";
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
  const bytes = await source.read(0, size);
  const graph = withFileName(what, () => readOnnx(bytes));
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
