import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Graph } from "../ir/graph.ts";
import { decodeOnnx } from "../onnx/decode.ts";
import { withFileName } from "../onnx/malformed.ts";
import { filesIn } from "../onnx/read-onnx-node.ts";
import { operatorTable } from "../ops/new-graph.ts";
import { fileError } from "../weights/file-error.ts";

/** The bytes of a model file. */
export async function readModel(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    throw fileError("read", file, error);
  }
}

/** As `decodeOnnx`, with weights from files beside the model, and with the file's name in every error. */
export function decodeModel(file: string, bytes: Uint8Array): Graph {
  return withFileName(file, () => decodeOnnx(bytes, operatorTable, { externalData: filesIn(dirname(file)) }));
}
