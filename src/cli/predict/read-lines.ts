import { readFile } from "node:fs/promises";
import { fileError } from "../../files/file-error.ts";

/** The lines of a text file that a person wrote, without empty ones at its end. */
export async function readLines(file: string): Promise<string[]> {
  try {
    return (await readFile(file, "utf8")).trimEnd().split(/\r?\n/);
  } catch (error) {
    throw fileError("read", file, error);
  }
}
