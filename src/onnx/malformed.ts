import { SenetError } from "../errors.ts";

/** Throws the error every unreadable `.onnx` file ends in: SenetError `file`, `ONNX file: ${message}.` */
export function malformed(message: string, cause?: unknown): never {
  throw new SenetError("file", `ONNX file: ${message}.`, cause === undefined ? undefined : { cause });
}
