import { CommanderError, type Option } from "commander";
import { SenetError } from "../../base/errors.ts";

/**
 * Reports what went wrong, in one sentence on stderr, and returns the exit code: 2 for wrong usage, an option or a command that does not
 * exist included, 1 for everything else (such as a model that does not exist). `debug` adds the stack trace.
 *
 * @param options of the command, for what the library calls by the names of its parameters
 * @param se the value of its `--se`, if it has one
 */
export function reportFailure(
  error: unknown,
  debug: boolean,
  options: readonly Option[] = [],
  se?: object,
): number {
  if (error instanceof CommanderError) return reportUsage(error, options);
  if (error instanceof SenetError) {
    const message = withOptions(error.message, options, se);
    report(/[.?!]$/.test(message) ? message : `${message}.`);
    if (debug) report(traceOf(error));
    return error.code === "usage" ? 2 : 1;
  }
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  report(
    `unexpected failure (${text}); this is a defect of senet, please report it${debug ? "" : "; run again with --debug for the trace"}.`,
  );
  if (debug) report(traceOf(error));
  return 1;
}

/**
 * A message of the library in terms of the command line: parameters in backticks become the options of the same name,
 * and a function the command that does the same. What stands in the JSON of `--se` is named there.
 *
 * @example "give a `batchSize`" // "give a --batch-size", for a command that has the option
 */
export function withOptions(message: string, options: readonly Option[], se: object = {}): string {
  const names = new Map(options.map((option) => [option.attributeName(), option.long]));
  for (const [, name] of JSON.stringify(se).matchAll(/"(\w+)":/g)) names.set(name, `"${name}" in --se`);
  names.set("cause", names.get("debug")); // which prints the causes of an error
  return message
    .replace(/`(\w+)`/g, (text, name) => names.get(name) ?? text)
    .replace("`listModels()`", "`senet models`");
}

/** What commander found, as one of our sentences. Help and version also arrive here, with exit code 0. */
function reportUsage(error: CommanderError, options: readonly Option[]): number {
  if (error.exitCode === 0) return 0;
  // Without a command commander shows the help, which says it all.
  if (error.code === "commander.help") return 2;
  const sentence = error.message
    .replace(/^error: /, "")
    .replace(/\s*\(Did you mean (?:one of )?(.+?)\?\)/s, " (did you mean $1?)")
    .replace(
      /^too many arguments(?: for '(.+?)')?\. Expected (\d+ arguments?) but got (\d+)/,
      (_, command, expected, found) => `senet ${command ?? ""}: expected ${expected}, found ${found}`,
    )
    .replace(/[.]$/, "");
  const synonym = synonymIn(sentence, options);
  const suggestion = synonym === undefined ? "" : ` (did you mean ${synonym}?)`;
  report(`${sentence}${suggestion}; ${unneeded(sentence) ?? "see --help"}.`);
  return 2;
}

/** Options of other tools under other names, and what they are called here. */
const synonyms: Readonly<Record<string, string>> = {
  "--batch-size": "--batch",
  "--learning-rate": "--lr",
  "--wd": "--weight-decay",
  "--init": "--weights",
  "--warmup": "--warmup-epochs",
};

/** The option of a command that a message about an unknown one means, where commander found none near. */
function synonymIn(message: string, options: readonly Option[]): string | undefined {
  const [, wrong = ""] = /^unknown option '([^'=]+)[^']*'$/.exec(message) ?? [];
  const right = Object.hasOwn(synonyms, wrong) ? synonyms[wrong] : undefined;
  return options.some(({ long }) => long === right) ? right : undefined;
}

function unneeded(sentence: string): string | undefined {
  if (!/'--(num-)?workers/.test(sentence)) return undefined;
  return "images are always prepared in a thread of their own; leave it out";
}

function traceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : `\ncaused by ${traceOf(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}

/** A sentence about one command names the program itself. */
function report(text: string): void {
  process.stderr.write(text.startsWith("senet ") ? `${text}\n` : `senet: ${text}\n`);
}
