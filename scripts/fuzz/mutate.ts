import type { Random } from "../../src/base/random.ts";

/** Most changes made to one file. */
const MOST_CHANGES = 4;
/** Longest run of bytes that is copied, moved or overwritten. */
const LONGEST_RUN = 64;
/** Where readers of lengths, offsets and dimensions err: the ends of signed and unsigned ranges, and terabytes. */
const EXTREMES = [0n, 1n, 0x7fn, 0x80n, 0xffn, 0x7fffn, 0xffffn, 0x7fffffffn, 0x80000000n, 0xffffffffn]
  .concat([2n ** 40n, 2n ** 53n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n])
  .flatMap((value) => [value, value > 0n ? value - 1n : 0n]);
/** The same in the text of JSON, numpy's headers and pickles. */
const NUMERALS = ["-1", "0", "1e999", "4294967296", "9007199254740993", "99999999999999999999", "null", ""];

/** One way to damage a file; `other` is a file of the same format. */
type Change = (bytes: Uint8Array, random: Random, other: Uint8Array) => Uint8Array;

/** Changes after which much of a file is still read. */
const small: readonly Change[] = [
  function flipBit(bytes, random) {
    const at = below(bytes.length, random);
    return bytes.with(at, bytes[at] ^ (1 << below(8, random)));
  },
  function setByte(bytes, random) {
    return bytes.with(below(bytes.length, random), below(256, random));
  },
  function fillRun(bytes, random) {
    const [from, to] = run(bytes, random);
    return bytes.slice().fill(pick([0, 0xff, 0x41, below(256, random)], random), from, to);
  },
  function randomRun(bytes, random) {
    const [from, to] = run(bytes, random);
    return bytes.map((byte, at) => (at >= from && at < to ? below(256, random) : byte));
  },
  function extremeInteger(bytes, random) {
    const copy = bytes.slice();
    const width = pick([1, 2, 4, 8], random);
    const at = below(bytes.length, random);
    const value = pick(EXTREMES, random);
    const isLittle = random() < 0.5;
    for (let i = 0; i < width && at + i < copy.length; i++) {
      copy[at + i] = Number((value >> BigInt(8 * (isLittle ? i : width - 1 - i))) & 0xffn);
    }
    return copy;
  },
  function extremeVarint(bytes, random) {
    const at = below(bytes.length, random);
    let end = at;
    while (end < bytes.length - 1 && end < at + 9 && bytes[end] >= 0x80) end++;
    return join(bytes.subarray(0, at), varint(pick(EXTREMES, random)), bytes.subarray(end + 1));
  },
  function extremeNumeral(bytes, random) {
    const numbers = [...latin1(bytes).matchAll(/\d+/g)];
    if (numbers.length === 0) return bytes;
    const { index, 0: digits } = pick(numbers, random);
    const numeral = Buffer.from(pick(NUMERALS, random));
    return join(bytes.subarray(0, index), numeral, bytes.subarray(index + digits.length));
  },
];

/** Changes after which bytes are missing or stand elsewhere. */
const large: readonly Change[] = [
  function truncate(bytes, random) {
    return bytes.subarray(0, below(bytes.length, random));
  },
  function removeRun(bytes, random) {
    const [from, to] = run(bytes, random);
    return join(bytes.subarray(0, from), bytes.subarray(to));
  },
  function repeatRun(bytes, random) {
    const [from, to] = run(bytes, random);
    const copies = Array.from({ length: 1 + below(8, random) }, () => bytes.subarray(from, to));
    return join(bytes.subarray(0, to), ...copies, bytes.subarray(to));
  },
  function swapRuns(bytes, random) {
    const [a, b, c, d] = Array.from({ length: 4 }, () => below(bytes.length + 1, random)).sort(
      (x, y) => x - y,
    );
    const part = (from: number, to?: number) => bytes.subarray(from, to);
    return join(part(0, a), part(c, d), part(b, c), part(a, b), part(d));
  },
  function overwriteElsewhere(bytes, random) {
    const [from, to] = run(bytes, random);
    const copy = bytes.slice();
    copy.copyWithin(below(bytes.length, random), from, to);
    return copy;
  },
  function insertRun(bytes, random) {
    const at = below(bytes.length + 1, random);
    const fresh = Uint8Array.from({ length: 1 + below(8, random) }, () => below(256, random));
    return join(bytes.subarray(0, at), fresh, bytes.subarray(at));
  },
  function splice(bytes, random, other) {
    const [from, to] = run(other, random);
    const at = below(bytes.length + 1, random);
    const over = random() < 0.5 ? to - from : 0;
    return join(bytes.subarray(0, at), other.subarray(from, to), bytes.subarray(at + over));
  },
];

/**
 * A damaged file: one of `seeds` with one to four changes. The same stream of random numbers makes the same file.
 *
 * @param seeds whole files of one format, none of them empty
 */
export function mutate(seeds: readonly Uint8Array[], random: Random): Uint8Array {
  // A Buffer's slices share its memory: changes would reach the seed, and later files.
  let bytes: Uint8Array = new Uint8Array(pick(seeds, random));
  const count = random() < 0.5 ? 1 : 1 + below(MOST_CHANGES, random);
  for (let left = count; left > 0 && bytes.length > 0; left--) {
    const change = pick(random() < 0.75 ? small : large, random);
    bytes = change(bytes, random, pick(seeds, random));
  }
  return bytes;
}

function below(count: number, random: Random): number {
  return Math.floor(random() * count);
}

function pick<T>(of: readonly T[], random: Random): T {
  return of[below(of.length, random)];
}

/** Where a run of bytes begins and ends: mostly a few, sometimes a large part of the file. */
function run(bytes: Uint8Array, random: Random): [from: number, to: number] {
  const from = below(bytes.length, random);
  const most = random() < 0.8 ? LONGEST_RUN : bytes.length;
  return [from, Math.min(bytes.length, from + 1 + below(most, random))];
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Uint8Array.of(...bytes, Number(rest));
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}
