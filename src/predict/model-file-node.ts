import { readWhole } from "../files/read-whole-node.ts";
import { type ModelFacts, readModelFacts } from "../onnx/model-facts.ts";

/** An `.onnx` file that holds everything it needs. */
export interface ModelFile {
  readonly bytes: Uint8Array;
  readonly facts: ModelFacts;
}

/**
 * A model file as it is, with any operators that the engine has; weights in files beside it are included.
 *
 * @throws SenetError `file` when it cannot be read or is no `.onnx` file
 */
export async function readModelFile(path: string): Promise<ModelFile> {
  const bytes = await readWhole(path);
  const file = modelFileOf(bytes, path);
  if (!file.facts.storesOutside) return file;
  // Rare, and slow to load.
  const { parseOnnxFile } = await import("../onnx/read-onnx-file-node.ts");
  const { writeOnnx } = await import("../onnx/write-onnx.ts");
  return { bytes: writeOnnx(parseOnnxFile(path, bytes)), facts: file.facts };
}

/** @param where the file's name, for errors */
export function modelFileOf(bytes: Uint8Array, where: string): ModelFile {
  return { bytes, facts: readModelFacts(bytes, where) };
}
