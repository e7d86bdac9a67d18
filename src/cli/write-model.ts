import { stat } from "node:fs/promises";
import { SenetError } from "../errors.ts";
import type { Graph } from "../ir/graph.ts";
import { encodeOnnxChunks } from "../onnx/encode.ts";
import { operatorTable } from "../ops/new-graph.ts";
import { writeFileAtomic } from "../weights/files-node.ts";

/** @throws SenetError `file` when something lies at a path and `force` does not allow to replace it */
export async function refuseExisting(out: string, force = false): Promise<void> {
  const found = await stat(out).catch(() => undefined);
  if (!found || force) return;
  throw new SenetError(
    "file",
    `${out}: expected nothing there, found ${found.isDirectory() ? "a folder" : "a file"}; choose another name, or give --force to replace a file.`,
  );
}

/** Writes a network whole or not at all. Returns the file's bytes. */
export async function writeModel(out: string, graph: Graph): Promise<number> {
  const { byteLength, chunks } = encodeOnnxChunks(graph, operatorTable);
  await writeFileAtomic(out, chunks);
  return byteLength;
}
