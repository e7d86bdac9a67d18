import { statSync } from "node:fs";

/** Whether a name of a network means a file: it ends in `.onnx`, or a file lies there. */
export function isModelFile(nameOrFile: string): boolean {
  return nameOrFile.endsWith(".onnx") || whatLiesAt(nameOrFile) === "file";
}

/** What lies at a path. */
export function whatLiesAt(path: string): "file" | "folder" | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) return undefined;
  return found.isDirectory() ? "folder" : "file";
}
