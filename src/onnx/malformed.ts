import { SenetError } from "../base/errors.ts";

/** What to do about a file where nothing better is known. */
const ADVICE = "correct the model, or export it in another way";

/**
 * Throws the error that every unreadable `.onnx` file ends in: SenetError `file`, `ONNX file: ${message}.`
 *
 * @param message what to do may follow a semicolon
 */
export function malformed(message: string, cause?: unknown): never {
  const sentence = message.includes("; ") ? message : `${message}; ${ADVICE}`;
  throw new SenetError("file", `ONNX file: ${sentence}.`, cause === undefined ? undefined : { cause });
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
