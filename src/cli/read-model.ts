import { readFile } from "node:fs/promises";
import { SenetError } from "../errors.ts";
import type { Graph } from "../ir/graph.ts";
import { decodeOnnx } from "../onnx/decode.ts";
import { operatorTable } from "../ops/new-graph.ts";
import { runFiles } from "../train/run-folder-node.ts";
import { fileError } from "../weights/file-error.ts";

/** The bytes of a model file. */
export async function readModel(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    throw fileError("read", file, error);
  }
}

/** As `decodeOnnx`, with the file's name in every error. */
export function decodeModel(file: string, bytes: Uint8Array): Graph {
  try {
    return decodeOnnx(bytes, operatorTable);
  } catch (cause) {
    if (!(cause instanceof SenetError)) throw cause;
    const message = `${file}: ${cause.message.replace(/^ONNX file: /, "")}`;
    const hint = file.endsWith(".onnx") ? "." : `; give the run's folder or its ${runFiles.model}.`;
    throw new SenetError(cause.code, message.replace(/\.?$/, hint), { cause });
  }
}
