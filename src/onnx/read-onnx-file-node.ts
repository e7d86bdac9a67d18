import { readFileSync, realpathSync } from "node:fs";
import { dirname, isAbsolute, relative, resolve, sep } from "node:path";
import { SenetError } from "../base/errors.ts";
import { readWhole } from "../files/read-whole-node.ts";
import type { Graph } from "../ir/graph.ts";
import type { ExternalData } from "./external-data.ts";
import { withFileName } from "./malformed.ts";
import { readOnnx } from "./read-onnx.ts";

/**
 * The graph in an `.onnx` file, with weights from files beside it.
 *
 * @example const graph = await readOnnxFile("resnet18.onnx");
 * @throws SenetError `file` as `readOnnx`, naming the file; also when a file is missing or lies outside the model's folder
 */
export async function readOnnxFile(path: string): Promise<Graph> {
  return parseOnnxFile(path, await readWhole(path));
}

/** As `readOnnxFile`, of a file whose bytes have been read. */
export function parseOnnxFile(path: string, bytes: Uint8Array): Graph {
  return withFileName(path, () => readOnnx(bytes, { externalData: filesIn(dirname(path)) }));
}

/**
 * Looks files up in a folder, each read once. A name that leads out of it, by `..` or by a link, is refused: models are
 * untrusted, and must not reveal what else is on the disk.
 */
function filesIn(folder: string): ExternalData {
  const read = new Map<string, Uint8Array>();
  return (location) => {
    const bytes = read.get(location) ?? readInside(folder, location);
    read.set(location, bytes);
    return bytes;
  };
}

function readInside(folder: string, location: string): Uint8Array {
  const what = `ONNX file: external data "${location}"`;
  const path = resolve(folder, location);
  if (isAbsolute(location) || !isInside(resolve(folder), path)) {
    throw new SenetError("file", `${what} lies outside the model's folder; put it beside the model.`);
  }
  try {
    if (isInside(realpathSync(folder), realpathSync(path))) return readFileSync(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new SenetError("file", `${what} cannot be read (${code}); put it beside the model.`, { cause });
  }
  throw new SenetError(
    "file",
    `${what} is a link out of the model's folder; put the file itself beside the model.`,
  );
}

function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
