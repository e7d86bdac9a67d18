import { sizeOf } from "../ir/shape.ts";
import type { WeightsEntry } from "./formats/weights-file.ts";
import { type NameTable, nameTables, renamed } from "./name-tables.ts";

/** What wrappers put before every name: data parallel, Lightning and others, detectors, torch.compile. */
const wrappers = ["module.", "model.", "backbone.", "_orig_mod."] as const;

/** Share of the names from which on a prefix is a wrapper's: a head of its own may stay outside. */
const MOST = 0.5;

/** Heads that are for training only, in GoogLeNet and Inception-v3; the networks here have none. */
const AUXILIARY = /^(?:aux\d*|AuxLogits)\./;

/** What a run keeps beside the weights in its checkpoints: the slots of `sgd` and `adamW`, and moving averages. */
const TRAINING_STATE = /^(?:(?:momentum|exp_avg|exp_avg_sq|ema)\/|beta[12]_power$)/;

/** A tensor of the file that is left out, and why that is right. */
export interface IgnoredTensor {
  readonly name: string;
  readonly why: string;
}

/** A tensor whose name fits and whose shape or type does not. */
export interface MisshapedTensor {
  readonly name: string;
  /** Its name in the file. */
  readonly from: string;
  readonly expected: readonly number[];
  readonly found: readonly number[];
  /** Its type, where that is what does not fit. */
  readonly type?: string;
}

/** Which tensor of a file is which of a network. */
export interface WeightsMatch {
  /** Names in the file by names in the network, in the network's order. */
  readonly matched: ReadonlyMap<string, string>;
  readonly missing: readonly string[];
  /** As the file names them. */
  readonly unexpected: readonly string[];
  readonly misshaped: readonly MisshapedTensor[];
  readonly ignored: readonly IgnoredTensor[];
  /** The table that was needed; none where the names are this package's. */
  readonly table?: NameTable;
}

/**
 * Finds the tensors of a network in a state dict. Wrappers' prefixes go where most names have them, counters of
 * BatchNorm and auxiliary heads are ignored, and of `nameTables` the one is taken that fits most tensors. A fully connected layer fits a
 * convolution over its whole input, [C,D] and [C,D,1,1], and the other way round.
 *
 * @param expected names, types and shapes of the network
 * @param found those of the file
 * @example matchWeights(new Map([["fc.bias", entry]]), file.entries).matched.get("fc.bias") // "module.fc.bias"
 */
export function matchWeights(
  expected: ReadonlyMap<string, WeightsEntry>,
  found: ReadonlyMap<string, WeightsEntry>,
): WeightsMatch {
  const ignored: IgnoredTensor[] = [];
  const candidates = new Map<string, string>();
  for (const [name, from] of withoutWrappers(expected, [...found.keys()])) {
    const why = expected.has(name) ? undefined : whyIgnored(name);
    if (why === undefined) candidates.set(name, from);
    else ignored.push({ name: from, why });
  }
  const [best, table] = bestNames(expected, found, candidates);
  return { ...compare(expected, found, best), ignored, ...(table && { table }) };
}

/** Whether a tensor can take the place of one of that shape, perhaps after reshaping. */
export function fits(expected: readonly number[], found: readonly number[]): boolean {
  const same = expected.length === found.length && expected.every((dim, axis) => dim === found[axis]);
  if (same) return true;
  const ranks = [expected.length, found.length].sort();
  const isLinearAndConv = ranks[0] === 2 && ranks[1] === 4;
  return isLinearAndConv && expected[0] === found[0] && sizeOf(expected) === sizeOf(found);
}

/** Names without what wrappers put before them → names in the file. */
function withoutWrappers(
  expected: ReadonlyMap<string, unknown>,
  names: readonly string[],
): Map<string, string> {
  let now = new Map(names.map((name) => [name, name]));
  for (;;) {
    const prefix = wrappers.find((wrapper) => isWrapper(wrapper, expected, now));
    if (prefix === undefined) return now;
    const next = new Map<string, string>();
    for (const [name, from] of now) {
      const rest = name.startsWith(prefix) ? name.slice(prefix.length) : name;
      // Two names must not become one.
      next.set(rest !== name && now.has(rest) ? name : rest, from);
    }
    if ([...next.keys()].every((name) => now.has(name))) return now;
    now = next;
  }
}

function isWrapper(
  prefix: string,
  expected: ReadonlyMap<string, unknown>,
  names: ReadonlyMap<string, unknown>,
): boolean {
  if ([...expected.keys()].some((name) => name.startsWith(prefix))) return false;
  const having = [...names.keys()].filter((name) => name.startsWith(prefix)).length;
  return having > MOST * names.size;
}

function whyIgnored(name: string): string | undefined {
  if (name.endsWith("num_batches_tracked")) return "counter of a BatchNorm";
  if (AUXILIARY.test(name)) return "auxiliary head, for training only";
  return TRAINING_STATE.test(name) ? "state of a training" : undefined;
}

/** The names by the table that fits most tensors, this package's own names before all. */
function bestNames(
  expected: ReadonlyMap<string, WeightsEntry>,
  found: ReadonlyMap<string, WeightsEntry>,
  own: ReadonlyMap<string, string>,
): [names: ReadonlyMap<string, string>, table?: NameTable] {
  let best: [ReadonlyMap<string, string>, NameTable?] = [own];
  let most = compare(expected, found, own);
  for (const table of nameTables) {
    if (most.missing.length === 0 && most.misshaped.length === 0) break;
    const names = new Map<string, string>();
    for (const [name, from] of own) {
      const next = renamed(name, table);
      names.set(names.has(next) ? name : next, from);
    }
    const match = compare(expected, found, names);
    if (isBetter(match, most)) {
      best = [names, table];
      most = match;
    }
  }
  return best;
}

type Comparison = Pick<WeightsMatch, "matched" | "missing" | "unexpected" | "misshaped">;

/** More tensors that fit; then more names that fit. */
function isBetter(one: Comparison, other: Comparison): boolean {
  const more = one.matched.size - other.matched.size;
  return more > 0 || (more === 0 && one.missing.length < other.missing.length);
}

function compare(
  expected: ReadonlyMap<string, WeightsEntry>,
  found: ReadonlyMap<string, WeightsEntry>,
  names: ReadonlyMap<string, string>,
): Comparison {
  const matched = new Map<string, string>();
  const missing: string[] = [];
  const misshaped: MisshapedTensor[] = [];
  for (const [name, { dtype, shape }] of expected) {
    const from = names.get(name);
    const entry = from === undefined ? undefined : found.get(from);
    if (from === undefined || !entry) missing.push(name);
    else if (!converts(entry.dtype, dtype)) {
      misshaped.push({ name, from, expected: shape, found: entry.shape, type: entry.dtype });
    } else if (!fits(shape, entry.shape)) {
      misshaped.push({ name, from, expected: shape, found: entry.shape });
    } else matched.set(name, from);
  }
  const unexpected = [...names].filter(([name]) => !expected.has(name)).map(([, from]) => from);
  return { matched, missing, unexpected, misshaped };
}

/** Numbers of floating point become float32; nothing else is converted. */
function converts(from: string, to: string): boolean {
  return from === to || (to === "float32" && from.startsWith("float"));
}
