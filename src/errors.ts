/** What kind of mistake an error is; stable, so that programs may branch on it. */
export type ErrorCode =
  | "shape" // shapes or dtypes that an operator or layer cannot take
  | "graph" // a graph that breaks its own rules
  | "gradient" // something that has no gradient
  | "unknown-name" // a model, operator, option or file kind that does not exist
  | "usage" // an option whose value makes no sense
  | "data" // a data set that is missing, malformed or empty
  | "file" // a file that cannot be read or written
  | "checkpoint" // a checkpoint that does not fit
  | "diverged" // training that produced NaN or infinity
  | "engine"; // ONNX Runtime refused a graph

/**
 * The only error this package throws on purpose. Its message is one sentence saying where, what was
 * expected, what was found and what to do; `code` is for programs.
 *
 * @example throw new SenetError("data", `${path}: expected 784 bytes a sample, found 12; download the file again.`);
 */
export class SenetError extends Error {
  override readonly name = "SenetError";
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * The name among `known` nearest to `wrong`, as ` (did you mean "x"?)`, to stand inside a sentence right after the
 * wrong name or what is said of it; nothing when none is near.
 *
 * @example `Model "${name}" is not known${nearest(name, models)}; see the list.`
 */
export function nearest(wrong: string, known: Iterable<string>): string {
  let best = "";
  let bestDistance = Math.max(2, Math.floor(wrong.length / 3)) + 1;
  for (const name of known) {
    const distance = editDistance(wrong.toLowerCase(), name.toLowerCase());
    if (distance < bestDistance) {
      best = name;
      bestDistance = distance;
    }
  }
  return best === "" ? "" : ` (did you mean "${best}"?)`;
}

/** Levenshtein distance: insertions, deletions and substitutions, each at cost 1. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitute = previous[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(substitute, previous[j] + 1, current[j - 1] + 1));
    }
    previous = current;
  }
  return previous[b.length];
}
