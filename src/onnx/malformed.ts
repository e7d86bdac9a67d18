import { SenetError } from "../base/errors.ts";

/** Throws the error every unreadable `.onnx` file ends in: SenetError `file`, `ONNX file: ${message}.` */
export function malformed(message: string, cause?: unknown): never {
  throw new SenetError("file", `ONNX file: ${message}.`, cause === undefined ? undefined : { cause });
}

/** What `read` returns; its errors about an ONNX file name the file. */
export function withFileName<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof SenetError)) throw cause;
    throw new SenetError(cause.code, `${file}: ${cause.message.replace(/^ONNX file: /, "")}`, { cause });
  }
}
