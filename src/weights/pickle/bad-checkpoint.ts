import { SenetError } from "../../base/errors.ts";

/**
 * A PyTorch checkpoint that is damaged or none, as one sentence.
 *
 * @param what the file's name
 * @param problem what was expected and what was found
 */
export function badCheckpoint(what: string, problem: string, cause?: unknown): SenetError {
  const message = `${what}: ${problem}; the file is damaged or no PyTorch checkpoint, get it again.`;
  return new SenetError("file", message, cause === undefined ? undefined : { cause });
}
