import { SenetError } from "../base/errors.ts";

/** The content of a JSON file of a run. */
export function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SenetError("file", `${file}: expected JSON, found something else; restore the file.`, {
      cause,
    });
  }
}
