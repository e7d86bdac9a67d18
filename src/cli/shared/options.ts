import { Option } from "commander";
import type { ParseValue } from "./values.ts";
import { whole } from "./values.ts";

export interface OptionSettings<T> {
  readonly parse?: ParseValue<T>;
  readonly fallback?: T;
  /** What the help says of the default, where the value itself would not explain it. */
  readonly described?: string;
}

/** An option whose help ends with its default: the value, or what it is derived from. */
export function option<T>(flags: string, description: string, settings: OptionSettings<T> = {}): Option {
  const { parse, fallback, described } = settings;
  const derived = fallback === undefined && described !== undefined ? ` (default: ${described})` : "";
  const made = new Option(flags, `${description}${derived}`);
  if (parse) made.argParser(parse);
  if (fallback !== undefined) made.default(fallback, described ?? String(fallback));
  return made;
}

export function commonOptions(): Option[] {
  return [
    option("--json", "print the result as JSON, and nothing else, on stdout"),
    option("--debug", "print the stack trace of a failure"),
  ];
}

export function threadsOption(): Option {
  return option("--threads <n>", "threads of the engine", {
    parse: whole("--threads", { min: 1, max: 1024 }),
    described: "one per core",
  });
}
