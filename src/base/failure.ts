import { type ErrorCode, SenetError } from "./errors.ts";

/** An error as plain data, to be sent from one thread to another: structured cloning would lose the class and the code. */
export interface Failure {
  readonly code: ErrorCode | undefined;
  readonly message: string;
  readonly stack: string | undefined;
}

/** What to send of an error. */
export function toFailure(error: unknown): Failure {
  if (!(error instanceof Error)) return { code: undefined, message: String(error), stack: undefined };
  const code = error instanceof SenetError ? error.code : undefined;
  return { code, message: error.message, stack: error.stack };
}

/** The error again: a SenetError with the same code and message if it was one. */
export function fromFailure({ code, message, stack }: Failure): Error {
  const error = code === undefined ? new Error(message) : new SenetError(code, message);
  if (stack !== undefined) error.stack = stack;
  return error;
}
