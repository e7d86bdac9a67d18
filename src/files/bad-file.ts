import { SenetError } from "../base/errors.ts";

/** A name from a file for a message: quoted and shortened. */
export function quote(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);
}

/** Makes the errors about files of one kind that are damaged or of another kind; `advice` ends their sentence. */
export function badFile(advice: string): BadFile {
  return (what, problem, cause) => new SenetError("file", `${what}: ${problem}; ${advice}.`, { cause });
}

/**
 * @param what the file's name
 * @param problem what was expected and what was found
 */
export type BadFile = (what: string, problem: string, cause?: unknown) => SenetError;
