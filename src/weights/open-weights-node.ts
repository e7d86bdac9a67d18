import type { ByteSource } from "../files/byte-source.ts";
import { fileSource } from "../files/byte-source-node.ts";
import { openSharded } from "./formats/open-sharded-node.ts";
import type { WeightsFile } from "./formats/weights-file.ts";
import { openSource } from "./open-source.ts";
import type { CheckpointOptions } from "./pickle/torch-checkpoint.ts";

/**
 * Opens a file of weights: safetensors (also the index of several), PyTorch's `.pth` and `.pt` in both of its formats, numpy's `.npz`, or
 * the stored tensors of an `.onnx` network. The format is known by the first bytes, not by the name. Only the header is read; nothing is executed.
 *
 * @throws SenetError `file`, one sentence, for what cannot be read, is damaged, or would have to be executed
 * @example
 * await using file = await openWeights("seresnet50.pth");
 * const stem = await file.read("conv1.weight"); // [64, 3, 7, 7]
 */
export async function openWeights(path: string, options: CheckpointOptions = {}): Promise<WeightsFile> {
  const source = await fileSource(path);
  try {
    return (await isIndex(source)) ? await openSharded(source) : await openSource(source, options);
  } catch (error) {
    await source.dispose();
    throw error;
  }
}

/** An index is JSON: its first character that is not white space opens an object. */
async function isIndex(source: ByteSource): Promise<boolean> {
  const start = await source.read(0, Math.min(source.size, 64));
  return /^\s*\{\s*["}]/.test(new TextDecoder("latin1").decode(start));
}
