import { nearest, SenetError } from "../../base/errors.ts";

/** Turns an option's text into its value, or throws SenetError `usage`. */
export type ParseValue<T> = (text: string) => T;

/** Bounds of a number; `above` and `below` leave the bound itself out. */
export interface Bounds {
  readonly min?: number;
  readonly max?: number;
  readonly above?: number;
  readonly below?: number;
}

/** A whole number. */
export function whole(option: string, bounds: Bounds = {}): ParseValue<number> {
  return (text) => {
    const value = toNumber(text);
    if (!Number.isSafeInteger(value) || !within(value, bounds)) {
      throw wrong(option, `a whole number${phrase(bounds)}`, text);
    }
    return value;
  };
}

/** Any finite number. */
export function decimal(option: string, bounds: Bounds = {}): ParseValue<number> {
  return (text) => {
    const value = toNumber(text);
    if (!Number.isFinite(value) || !within(value, bounds)) {
      throw wrong(option, `a number${phrase(bounds)}`, text);
    }
    return value;
  };
}

/** Numbers separated by commas, one per channel; `hint` says what to do when they are not. */
export function decimals(option: string, bounds: Bounds = {}, hint?: string): ParseValue<number[]> {
  return (text) => {
    const values = text.split(",").map(toNumber);
    if (!values.every((value) => Number.isFinite(value) && within(value, bounds))) {
      throw wrong(option, `numbers${phrase(bounds)} separated by commas, one per channel`, text, hint);
    }
    return values;
  };
}

/** Whole numbers separated by commas, all different. */
export function wholes(option: string, bounds: Bounds = {}): ParseValue<number[]> {
  return (text) => {
    const values = text.split(",").map(toNumber);
    const fits = values.every((value) => Number.isSafeInteger(value) && within(value, bounds));
    if (!fits || new Set(values).size < values.length) {
      throw wrong(option, `different whole numbers${phrase(bounds)} separated by commas`, text);
    }
    return values;
  };
}

/** One of some names. */
export function oneOf<const T extends string>(option: string, names: readonly T[]): ParseValue<T> {
  return (text) => {
    const found = names.find((name) => name === text);
    if (found !== undefined) return found;
    const list = [names.slice(0, -1).join(", "), names[names.length - 1]].join(" or ");
    throw new SenetError(
      "usage",
      `${option}: expected ${list}, found "${text}"${nearest(text, names)}; correct it.`,
    );
  };
}

/** Stages as the paper counts them, from 2, separated by commas. */
export function stageList(option: string): ParseValue<number[]> {
  return (text) => {
    const stages = text.split(",").map(toNumber);
    if (stages.every((stage) => Number.isInteger(stage) && stage >= 1)) return stages;
    throw wrong(option, "whole numbers of at least 1 separated by commas, such as 4,5", text);
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

function wrong(option: string, expected: string, found: string, hint = "correct it"): SenetError {
  return new SenetError("usage", `${option}: expected ${expected}, found "${found}"; ${hint}.`);
}
