/** What kind of mistake an error is; stable, so that programs may branch on it. */
export type ErrorCode =
  | "shape" // shapes or dtypes that an operator or layer cannot take
  | "graph" // a graph that breaks its own rules
  | "gradient" // something that has no gradient
  | "unknown-name" // a model, operator or file kind that does not exist
  | "usage" // an option that does not exist, or whose value makes no sense
  | "data" // a data set that is missing, malformed or empty
  | "file" // a file that cannot be read or written
  | "busy" // a folder in which another process works
  | "checkpoint" // a checkpoint that does not fit
  | "diverged" // training that produced NaN or infinity
  | "engine"; // ONNX Runtime refused a graph

/**
 * The only error this package throws on purpose. Its message is one sentence saying where, what was
 * expected, what was found and what to do; `code` is for programs. A parameter that the caller can change stands in backticks,
 * under its name in code (`choose a \`batch\` of at most 40`): the command line prints the option of that name in its place (`--batch`).
 *
 * @example throw new SenetError("data", `${path}: expected 784 bytes a sample, found 12; download the file again.`);
 */
export class SenetError extends Error {
  override readonly name = "SenetError";
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(oneLine(message), options);
    this.code = code;
  }
}

/** The message of what was thrown, on one line and without a final full stop, to stand inside a sentence. */
export function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.trim().split("\n")[0].replace(/\.$/, "");
}

/** The error for what a caller asked for wrongly: an option, or options that do not go together. */
export function usageError(message: string): SenetError {
  return new SenetError("usage", message);
}

/** Longest message, in characters. */
const LONGEST_MESSAGE = 1000;

/**
 * Messages quote names from untrusted files: control characters, which would break the line or control a terminal, are
 * escaped as in JSON, and an overlong message is shortened in the middle.
 */
function oneLine(message: string): string {
  const visible = message.replace(/\p{Cc}/gu, (char) =>
    char < " " ? JSON.stringify(char).slice(1, -1) : `\\u00${char.charCodeAt(0).toString(16)}`,
  );
  if (visible.length <= LONGEST_MESSAGE) return visible;
  const half = LONGEST_MESSAGE / 2 - 1;
  return `${visible.slice(0, half)}…${visible.slice(-half)}`;
}

/** Most names that are suggested. */
const SUGGESTIONS = 3;
/** Characters from which on a part of a name is taken for the whole. */
const MIN_PART = 3;

/**
 * The names among `known` that `wrong` may mean, as ` (did you mean "x"?)`, to follow the
 * wrong name in a sentence: one that looks the same, otherwise up to three that begin with it or contain it,
 * otherwise the one nearest in spelling; nothing when none is near.
 */
export function nearest(wrong: string, known: Iterable<string>): string {
  const names = [...known];
  const same = names.filter((name) => asSeen(name) === asSeen(wrong));
  const whole = same.length > 0 ? same : namesWith(wrong, names);
  const found = whole.length > 0 ? whole : nearestSpelling(wrong, names);
  if (found.length === 0) return "";
  const quoted = found.map((name) => `"${name}"`);
  const last = quoted.pop();
  return ` (did you mean ${quoted.length === 0 ? last : `${quoted.join(", ")} or ${last}`}?)`;
}

/** Those that begin with what was typed, then those that contain it. */
function namesWith(part: string, names: readonly string[]): string[] {
  if (part.length < MIN_PART) return [];
  const places = names.map((name) => ({ name, at: name.toLowerCase().indexOf(part.toLowerCase()) }));
  const begin = places.filter(({ at }) => at === 0);
  const contain = places.filter(({ at }) => at > 0);
  return [...begin, ...contain].slice(0, SUGGESTIONS).map(({ name }) => name);
}

function nearestSpelling(wrong: string, names: readonly string[]): string[] {
  const spelling = asSeen(wrong);
  let best: string[] = [];
  let smallest = Math.max(2, Math.floor(wrong.length / 3)) + 1;
  for (const name of names) {
    // Of equally near names the one of the same length: a wrong letter is likelier than a missing one.
    const distance = editDistance(spelling, asSeen(name)) + (name.length === wrong.length ? 0 : 0.5);
    if (distance < smallest) {
      best = [name];
      smallest = distance;
    }
  }
  return best;
}

/** Without case, and without the difference of O and 0, l, I and 1, which look alike. */
function asSeen(name: string): string {
  return name.toLowerCase().replaceAll("o", "0").replace(/[il]/g, "1");
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
