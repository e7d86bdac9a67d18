import { nearest, type SenetError, usageError } from "../../base/errors.ts";

/**
 * Turns an option's text into its value.
 *
 * @param option its name, such as `--size`, for messages
 * @param before its value so far, where it may be repeated
 * @throws SenetError `usage`
 */
export type ParseValue<T> = (text: string, option: string, before?: T) => T;

/** Bounds of a number; `above` and `below` leave the bound itself out. */
export interface Bounds {
  readonly min?: number;
  readonly max?: number;
  readonly above?: number;
  readonly below?: number;
}

/** The text as it is. */
export const text: ParseValue<string> = (given) => given;

/** A whole number. */
export function whole(bounds: Bounds = {}): ParseValue<number> {
  return (text, option) => {
    const value = toNumber(text);
    if (Number.isSafeInteger(value) && within(value, bounds)) return value;
    throw wrongValue(option, `a whole number${phrase(bounds)}`, text);
  };
}

/** Any finite number. */
export function decimal(bounds: Bounds = {}): ParseValue<number> {
  return (text, option) => {
    const value = toNumber(text);
    if (Number.isFinite(value) && within(value, bounds)) return value;
    throw wrongValue(option, `a number${phrase(bounds)}`, text);
  };
}

/** Numbers separated by commas, one per channel; `hint` says what to do when they are not. */
export function decimals(bounds: Bounds, hint: string): ParseValue<number[]> {
  return (text, option) => {
    const values = text.split(",").map(toNumber);
    if (values.every((value) => Number.isFinite(value) && within(value, bounds))) return values;
    throw wrongValue(option, `numbers${phrase(bounds)} separated by commas, one per channel`, text, hint);
  };
}

/** Whole numbers separated by commas, all different. */
export function wholes(bounds: Bounds): ParseValue<number[]> {
  return (text, option) => {
    const values = text.split(",").map(toNumber);
    const fits = values.every((value) => Number.isSafeInteger(value) && within(value, bounds));
    if (fits && new Set(values).size === values.length) return values;
    throw wrongValue(option, `different whole numbers${phrase(bounds)} separated by commas`, text);
  };
}

/** One of some names. */
export function oneOf<const T extends string>(names: readonly T[]): ParseValue<T> {
  return (text, option) => {
    const found = names.find((name) => name === text);
    if (found !== undefined) return found;
    const list = [names.slice(0, -1).join(", "), names[names.length - 1]].join(" or ");
    throw usageError(`${option}: expected ${list}, found "${text}"${nearest(text, names)}; correct it.`);
  };
}

/** Stages as the paper counts them, from 2, separated by commas. */
export const stages: ParseValue<readonly number[]> = (text, option) => {
  const numbers = text.split(",").map(toNumber);
  if (numbers.every((stage) => Number.isInteger(stage) && stage >= 1)) return numbers;
  throw wrongValue(option, "whole numbers of at least 1 separated by commas, such as 4,5", text);
};

/** The longest side of an image that an option takes; beyond it lies a slip. */
const MAX_SIDE = 65_536;

/** `224` or `224x192` as height and width. */
export function sides(max: number = MAX_SIDE): ParseValue<readonly [height: number, width: number]> {
  return (text, option) => {
    const [, height, width = height] = /^(\d{1,6})(?:[x×](\d{1,6}))?$/.exec(text) ?? [];
    const found = [Number(height), Number(width)] as const;
    if (found.every((length) => length >= 1 && length <= max)) return found;
    throw wrongValue(option, `a size such as 224 or 224x192 (height by width), each from 1 to ${max}`, text);
  };
}

/** `Number` takes "", " 1", "0x10" and "1e3"; of these only the last is how people write numbers here. */
function toNumber(text: string): number {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
}

function within(value: number, { min, max, above, below }: Bounds): boolean {
  return (
    (min === undefined || value >= min) &&
    (max === undefined || value <= max) &&
    (above === undefined || value > above) &&
    (below === undefined || value < below)
  );
}

function phrase({ min, max, above, below }: Bounds): string {
  const low = min === undefined ? (above === undefined ? "" : `above ${above}`) : `of at least ${min}`;
  const high = max === undefined ? (below === undefined ? "" : `below ${below}`) : `at most ${max}`;
  const both = [low, high].filter((part) => part !== "").join(" and ");
  return both === "" ? "" : ` ${both}`;
}

/** The error for the value of an option. */
export function wrongValue(option: string, expected: string, found: string, hint = "correct it"): SenetError {
  return usageError(`${option}: expected ${expected}, found "${found}"; ${hint}.`);
}
