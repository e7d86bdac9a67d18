import { type Command, Option } from "commander";
import type { ParseValue } from "./parse.ts";

/** One option of a command; its name is the key that it is declared under: `topK` is `--top-k`, or `--no-top-k` if `negated`. */
export interface OptionSpec<T> {
  /** How the help writes its value, such as `<n>`; none for a switch. */
  readonly value?: string;
  readonly description: string;
  /** Default: the text itself. */
  parse?(...args: Parameters<ParseValue<T>>): T;
  readonly default?: T;
  /** What the help says of the default, where that is derived or does not speak for itself. */
  readonly defaultText?: string;
  readonly negated?: true;
  /** A letter that may stand for the name. */
  readonly short?: string;
  readonly hidden?: true;
  /** Heading of its group in the help. */
  readonly heading?: string;
}

export type OptionSpecs = Readonly<Record<string, OptionSpec<unknown>>>;

type ValueOf<S> = S extends OptionSpec<infer T> ? T : never;
type Always<O> = { [K in keyof O]: O[K] extends { readonly default: unknown } ? K : never }[keyof O];

/** The values of options, as a command receives them: those without a default only where they are given. */
export type FlagsOf<O> = { readonly [K in Always<O>]: ValueOf<O[K]> } & {
  readonly [K in Exclude<keyof O, Always<O>>]?: ValueOf<O[K]>;
};

type Settings<T> = Pick<OptionSpec<T>, "defaultText" | "short">;

/**
 * An option with a value.
 *
 * @example option("<n>", "passes over the training data", whole({ min: 1 }), { default: 10 })
 */
export function option(value: string, description: string): OptionSpec<string>;
export function option<T>(
  value: string,
  description: string,
  parse: ParseValue<T>,
  settings: Settings<T> & { readonly default: NoInfer<T> },
): OptionSpec<T> & { readonly default: T };
export function option<T>(
  value: string,
  description: string,
  parse: ParseValue<T>,
  settings?: Settings<T>,
): OptionSpec<T>;
export function option<T>(
  value: string,
  description: string,
  parse?: ParseValue<T>,
  settings: Settings<T> & { readonly default?: T } = {},
): OptionSpec<T> {
  return { value, description, ...(parse && { parse }), ...settings };
}

/** A switch that is off unless it is given. */
export function flag(description: string): OptionSpec<true> {
  return { description };
}

/** A switch `--no-…` for what is on unless it is given. */
export function negation(
  description: string,
  defaultText: string,
): OptionSpec<boolean> & { readonly default: boolean } {
  return { description, defaultText, negated: true, default: true };
}

/** Options under a heading of their own in the help. */
export function group<O extends OptionSpecs>(heading: string, options: O): O {
  const inGroup = Object.entries(options).map(([name, one]) => [name, { ...one, heading }]);
  return Object.fromEntries(inGroup) as O;
}

/** What every command takes. */
const commonOptions = {
  json: flag("print the result as JSON on stdout, and nothing else there"),
  debug: flag("print the stack trace of a failure"),
};

export type Arguments = readonly (readonly [name: string, description: string])[];

/** What the help says of a command, and what it takes. */
export interface CommandDefinition<A extends Arguments, O extends OptionSpecs> {
  readonly summary: string;
  readonly description: string;
  readonly arguments: A;
  readonly options: O;
}

export type AnyCommand = CommandDefinition<Arguments, OptionSpecs>;

/**
 * A command, declared as data: the types of what its `run` receives follow from its arguments and options.
 *
 * @example export const command = defineCommand({ summary: "…", description: "…", arguments: [["<file>", "a file"]], options: {} });
 */
export function defineCommand<const A extends Arguments, O extends OptionSpecs>(
  definition: CommandDefinition<A, O>,
): CommandDefinition<A, O> {
  return definition;
}

/** `<image...>` gives a list, `[model]` perhaps nothing. */
type ArgumentValue<Name> = Name extends `${string}...${string}`
  ? string[]
  : Name extends `[${string}`
    ? string | undefined
    : string;

export type ArgumentsOf<A extends Arguments> = { readonly [I in keyof A]: ArgumentValue<A[I][0]> };

/** The values of a command's options, those that every command takes included. */
export type CommandFlags<C extends AnyCommand> = FlagsOf<C["options"]> & FlagsOf<typeof commonOptions>;

/**
 * What a command does.
 *
 * @param given names of the options that were given, as opposed to having their default
 */
export type Run<C extends AnyCommand> = (
  args: ArgumentsOf<C["arguments"]>,
  flags: CommandFlags<C>,
  given: ReadonlySet<string>,
) => Promise<void>;

/** What some command does; its arguments and flags are the command's own. */
export type AnyRun = (args: never, flags: never, given: ReadonlySet<string>) => Promise<void>;

/**
 * Configures commander's command as declared.
 *
 * @param load loads what does the work
 */
export function setUp(
  command: Command,
  definition: AnyCommand,
  load: () => Promise<{ readonly run: AnyRun }>,
): void {
  command.summary(definition.summary).description(definition.description);
  for (const [name, description] of definition.arguments) command.argument(name, description);
  for (const one of commanderOptions({ ...definition.options, ...commonOptions })) command.addOption(one);
  command.action(async (...received: unknown[]) => {
    const [flags] = received.splice(definition.arguments.length);
    const names = command.options.map((one) => one.attributeName());
    const given = names.filter((name) => command.getOptionValueSource(name) === "cli");
    const { run } = await load();
    await run(received as never, flags as never, new Set(given));
  });
}

/** @example longName("resetHead") // "--reset-head" */
export function longName(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function commanderOptions(options: OptionSpecs): Option[] {
  return Object.entries(options).map(([name, one]) => {
    const { short, value, negated, default: always, heading, hidden = false } = one;
    const long = negated ? longName(name).replace("--", "--no-") : longName(name);
    const flags = `${short ? `-${short}, ` : ""}${long}${value ? ` ${value}` : ""}`;
    const { defaultText } = one;
    const isDerived = defaultText !== undefined && (always === undefined || negated);
    const made = new Option(flags, `${one.description}${isDerived ? ` (default: ${defaultText})` : ""}`);
    if (one.parse) made.argParser((text, before) => one.parse?.(text, long, before));
    if (always !== undefined && !negated) made.default(always, defaultText ?? String(always));
    made.hideHelp(hidden);
    if (heading !== undefined) made.helpGroup(heading);
    return made;
  });
}
