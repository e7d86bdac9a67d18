import { nearest, type SenetError, usageError } from "./errors.ts";

/**
 * Refuses options that do not exist: a program without types would otherwise see a misspelt one ignored.
 *
 * @param where names the function for messages
 * @param known the names of all its options
 * @throws SenetError `usage` with the nearest name, or for something that holds no options
 * @example checkOptions("quantize", options, ["method", "percentile"]);
 */
export function checkOptions<Options extends object>(
  where: string,
  options: Options,
  known: readonly (keyof NoInfer<Options> & string)[],
): void {
  if (typeof options !== "object" || options === null) {
    throw usageError(
      `${where}: expected an object with ${known.join(", ")}, found ${String(options)}; correct it.`,
    );
  }
  const names: readonly string[] = known;
  const unknown = Object.keys(options).find((name) => !names.includes(name));
  if (unknown !== undefined) throw unknownOption(unknown, known, where);
}

/** The error for an unknown option. */
export function unknownOption(name: string, known: readonly string[], where: string): SenetError {
  return usageError(
    `${where}: there is no option "${name}"${nearest(name, known)}; the options are ${known.join(", ")}.`,
  );
}

/**
 * Refuses a value that is none of those known.
 *
 * @throws SenetError `usage` with the nearest one
 */
export function checkChoice(what: string, found: string, known: readonly string[]): void {
  if (known.includes(found)) return;
  throw usageError(
    `${what} to be ${known.join(", ")}, found "${found}"${nearest(String(found), known)}; correct it.`,
  );
}
