import { open } from "node:fs/promises";
import { fileError } from "../files/file-error.ts";
import { type ModelFacts, readModelFacts } from "../onnx/model-facts.ts";

/** An `.onnx` file that holds everything it needs. */
export interface ModelFile {
  readonly bytes: Uint8Array;
  readonly facts: ModelFacts;
}

/**
 * A model file as it is, with any operators that the engine has; weights that lie in files beside it are put into it.
 *
 * @throws SenetError `file` when it cannot be read or is no `.onnx` file
 */
export async function readModelFile(path: string): Promise<ModelFile> {
  const bytes = await readModelBytes(path);
  const file = modelFileOf(bytes, path);
  if (!file.facts.storesOutside) return file;
  // Rare, and slow to load.
  const { decodeModel } = await import("./decode-model-node.ts");
  const { encodeOnnx } = await import("../onnx/encode.ts");
  const { operatorTable } = await import("../ops/new-graph.ts");
  return { bytes: encodeOnnx(decodeModel(path, bytes), operatorTable), facts: file.facts };
}

/** @param where the file's name, for errors */
export function modelFileOf(bytes: Uint8Array, where: string): ModelFile {
  return { bytes, facts: readModelFacts(bytes, where) };
}

/**
 * The bytes of a model file.
 *
 * @throws SenetError `file` when it cannot be read
 */
export async function readModelBytes(path: string): Promise<Uint8Array> {
  try {
    return await readAtOnce(path);
  } catch (error) {
    throw fileError("read", path, error);
  }
}

/** Node refuses reads of 2 GiB and more. */
const READ_BYTES = 2 ** 30;

/** A whole file. (Node's own `readFile` asks for half a megabyte at a time, which takes four times as long for a large model.) */
async function readAtOnce(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const found = await file.stat();
    if (!found.isFile()) return await file.readFile(); // a pipe has no size
    const { size } = found;
    const bytes = Buffer.allocUnsafe(size);
    let done = 0;
    for (let read = -1; read !== 0 && done < size; done += read) {
      read = (await file.read(bytes, done, Math.min(READ_BYTES, size - done), done)).bytesRead;
    }
    return bytes.subarray(0, done);
  } finally {
    await file.close();
  }
}
