import { SenetError } from "../base/errors.ts";
import { readWhole } from "../files/read-whole-node.ts";

/** Longest list read, in bytes: a million classes of seven digits. */
const MAX_BYTES = 8_000_000;

/**
 * Reads an order of classes: one whole number a line, the file's class for each class of the network (the `labels` of `loadWeights`).
 *
 * @throws SenetError `file` when it cannot be read or a line is no class
 * @example await readLabelOrder("drop-background.txt") // [1, 2, 3, …]
 */
export async function readLabelOrder(path: string): Promise<number[]> {
  const text = new TextDecoder().decode(await readWhole(path, MAX_BYTES));
  const lines = text.trimEnd().split(/\r?\n/);
  return lines.map((line, i) => {
    if (/^\s*\d{1,7}\s*$/.test(line)) return Number(line);
    throw new SenetError(
      "file",
      `${path}, line ${i + 1}: expected the number of a class, found ${JSON.stringify(line.slice(0, 40))}; write one whole number a line.`,
    );
  });
}
