import { nearest, type SenetError } from "../errors.ts";

/** Names of the options of SE blocks. */
export const seNames = [
  "reduction",
  "hidden",
  "minimumHidden",
  "divisor",
  "bias",
  "norm",
  "activation",
  "gate",
  "squeeze",
  "grid",
  "tile",
  "excitation",
  "placement",
  "stages",
] as const;

/**
 * Checks the names of SE options, those of each stage's own included.
 *
 * @param wrong makes the error of a sentence
 */
export function checkSENames(options: unknown, wrong: (sentence: string) => SenetError): void {
  if (typeof options !== "object" || options === null) return;
  const unknown = Object.keys(options).find((name) => !seNames.some((known) => known === name));
  if (unknown !== undefined) {
    throw wrong(`expected options of SE blocks, found "${unknown}"${nearest(unknown, seNames)}`);
  }
  const { stages } = options as { stages?: unknown };
  if (typeof stages !== "object" || stages === null || Array.isArray(stages)) return;
  for (const [stage, own] of Object.entries(stages)) {
    checkSENames(own, (sentence) => wrong(`stage ${stage}: ${sentence}`));
  }
}
