import { dirname } from "node:path";
import type { Graph } from "../ir/graph.ts";
import { decodeOnnx } from "../onnx/decode.ts";
import { withFileName } from "../onnx/malformed.ts";
import { filesIn } from "../onnx/read-onnx-file-node.ts";
import { operatorTable } from "../ops/new-graph.ts";

/** As `decodeOnnx`, with weights from files beside the model, and with the file's name in every error. */
export function decodeModel(file: string, bytes: Uint8Array): Graph {
  return withFileName(file, () => decodeOnnx(bytes, operatorTable, { externalData: filesIn(dirname(file)) }));
}
