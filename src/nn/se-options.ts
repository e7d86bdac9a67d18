import { unknownOption } from "../base/check-options.ts";
import { nearest, SenetError } from "../base/errors.ts";
import { type Activation, activationNames } from "./activations.ts";
import {
  type Excitation,
  excitationNames,
  type Gate,
  gateNames,
  type Squeeze,
  squeezeNames,
} from "./se-names.ts";

/**
 * Width of a hidden layer: a number of units, or a multiple of the channels C, optionally divided by a number or by the reduction ratio r: `"C/r"`,
 * `"2C/r"`, `"C/8"`, `"0.5C"`.
 */
export type HiddenWidth = number | string;

/** How a Squeeze-and-Excitation block is made. */
export interface SEOptions {
  /** How the map becomes the descriptor; see `squeezeNames`. Default `"avg"`, the mean of each channel. */
  readonly squeeze?: Squeeze;
  /** Regions in height and in width, for the squeeze `"grid"`. Default 2. */
  readonly grid?: number;
  /** Height and width of a window, for the squeeze `"tile"`. Default 7. */
  readonly tile?: number;
  /** Default `"fc"`. */
  readonly excitation?: Excitation;
  /** Widths of any number of hidden layers; `[]` is a single layer without a hidden one. Default `["C/r"]`. */
  readonly hidden?: readonly HiddenWidth[];
  /** Reduction ratio r. Default 16 (the paper's). */
  readonly reduction?: number;
  /** Minimum number of hidden units, for narrow networks. Default 4. */
  readonly minimumHidden?: number;
  /** The hidden units are rounded to a multiple of this, as MobileNet does; see `hiddenWidths`. Default 1: rounded down. */
  readonly divisor?: number;
  /** Biases in all layers: off in the paper's ablations, on in the released networks and in timm. Default true. */
  readonly bias?: boolean;
  /** BatchNorm after each hidden layer. Default false. */
  readonly norm?: boolean;
  /** After each hidden layer. Default `"relu"`. */
  readonly activation?: Activation;
  /** The function that turns the excitation into one factor per channel. Default `"sigmoid"`. */
  readonly gate?: Gate;
}

/** What is wrong with a value, as the end of a sentence; undefined when nothing is. */
type Check = (found: unknown) => string | undefined;

/** The check of every option; total, so that a new option without a check does not compile. */
const checks: Readonly<Record<keyof SEOptions, Check>> = {
  squeeze: oneOf(squeezeNames),
  grid: wholeFrom1,
  tile: wholeFrom1,
  excitation: oneOf(excitationNames),
  hidden: widths,
  reduction: (found) => (typeof found === "number" && found > 0 ? undefined : "a number above 0"),
  minimumHidden: wholeFrom1,
  divisor: wholeFrom1,
  bias: trueOrFalse,
  norm: trueOrFalse,
  activation: oneOf(activationNames),
  gate: oneOf(gateNames),
};

/** Names of all options of a block. */
export const seOptionNames = Object.keys(checks) as readonly (keyof SEOptions)[];

/**
 * Checks options that may come from untyped sources.
 *
 * @param what names the block or network for messages
 * @param known all options that exist there, for messages
 * @throws SenetError `usage` with what is allowed, or with the nearest name for an option that does not exist
 */
export function checkSEOptions(
  options: object,
  what: string,
  known: readonly string[] = seOptionNames,
): void {
  for (const [name, found] of Object.entries(options)) {
    if (!Object.hasOwn(checks, name)) throw unknownOption(name, known, what);
    const expected = found === undefined ? undefined : checks[name as keyof SEOptions](found);
    if (expected === undefined) continue;
    throw new SenetError(
      "usage",
      `${what}: expected the \`${name}\` of its SE blocks to be ${expected}, found ${show(found)}${suggestion(name, found)}; correct it.`,
    );
  }
  const { squeeze = "avg", grid, tile, excitation = "fc", hidden, norm } = options as SEOptions;
  const only = (given: unknown, name: string, needed: string) => {
    if (given === undefined) return;
    throw new SenetError(
      "usage",
      `${what}: \`${name}\` is for ${needed} only; choose that, or leave \`${name}\` out.`,
    );
  };
  if (squeeze !== "grid") only(grid, "grid", 'the squeeze "grid"');
  if (squeeze !== "tile") only(tile, "tile", 'the squeeze "tile"');
  if (excitation === "fc") return;
  only(hidden, "hidden", 'the excitation "fc"');
  only(norm || undefined, "norm", 'the excitation "fc"');
}

/** A value in a message. */
export function show(found: unknown): string {
  return JSON.stringify(found) ?? String(found);
}

function suggestion(name: string, found: unknown): string {
  const known = {
    squeeze: squeezeNames,
    excitation: excitationNames,
    activation: activationNames,
    gate: gateNames,
  };
  return Object.hasOwn(known, name) ? nearest(`${found}`, known[name as keyof typeof known]) : "";
}

function oneOf(known: readonly string[]): Check {
  return (found) => (known.some((name) => name === found) ? undefined : known.join(", "));
}

function wholeFrom1(found: unknown): string | undefined {
  return Number.isInteger(found) && Number(found) >= 1 ? undefined : "a whole number of at least 1";
}

function trueOrFalse(found: unknown): string | undefined {
  return typeof found === "boolean" ? undefined : "true or false";
}

/** `2C/r`: an optional factor and an optional divisor. */
const EXPRESSION = /^(\d+(?:\.\d+)?)?C(?:\/(r|\d+(?:\.\d+)?))?$/;

function widths(found: unknown): string | undefined {
  const isWidth = (width: unknown) =>
    wholeFrom1(width) === undefined || (typeof width === "string" && parseWidth(width) !== undefined);
  return Array.isArray(found) && found.every(isWidth)
    ? undefined
    : 'a list of widths, each a whole number of at least 1 or such as "C/r", "2C/r", "C/8"';
}

/** `2C/r` as { factor: 2, divisor: "r" }; undefined for anything else. */
export function parseWidth(text: string): { factor: number; divisor: number | "r" } | undefined {
  const parts = EXPRESSION.exec(text);
  if (!parts) return undefined;
  const [, factor = "1", divisor = "1"] = parts;
  const width = { factor: Number(factor), divisor: divisor === "r" ? ("r" as const) : Number(divisor) };
  return width.factor > 0 && width.divisor !== 0 ? width : undefined;
}
