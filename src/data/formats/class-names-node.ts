import { SenetError } from "../../base/errors.ts";
import { limits } from "../../files/limits.ts";
import { readDataFile } from "../../files/read-file-node.ts";

/** The names in a file, one per line (`batches.meta.txt`, `classes.txt`); blank lines are left out. */
export async function readClassNames(path: string): Promise<string[]> {
  const names = new TextDecoder()
    .decode(await readDataFile(path))
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
  if (names.length === 0 || names.length > limits.classes) {
    throw new SenetError(
      "data",
      `${path}: expected one class name per line (1 to ${limits.classes}), found ${names.length}; correct or delete the file.`,
    );
  }
  return names;
}
