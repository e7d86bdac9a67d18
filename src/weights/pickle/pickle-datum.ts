import type { PickleReader } from "./pickle-reader.ts";
import type { PickleValue } from "./pickle-values.ts";

/** The opcodes that stand for a number, a text or another plain datum, and how each is read. */
export const data = new Map<string, (reader: PickleReader) => PickleValue>([
  ["N", () => null],
  ["\x88", () => true],
  ["\x89", () => false],
  ["I", decimalOrBoolean],
  ["L", (reader) => reader.decimal(reader.line().replace(/L$/, ""))],
  ["F", (reader) => Number(reader.line())],
  ["J", (reader) => reader.int32()],
  ["K", (reader) => reader.byte()],
  ["M", (reader) => reader.uint16()],
  ["\x8a", (reader) => reader.long(reader.byte())],
  ["\x8b", (reader) => reader.long(reader.uint32())],
  ["G", (reader) => reader.float64()],
  ["X", (reader) => reader.text(reader.uint32())],
  ["\x8c", (reader) => reader.text(reader.byte())],
  ["\x8d", (reader) => reader.text(reader.uint64())],
  ["V", (reader) => reader.line()],
  ["S", (reader) => reader.line().replace(/^(['"])(.*)\1$/s, "$2")],
  // Python 2's strings: names in its checkpoints are of this kind.
  ["U", (reader) => reader.text(reader.byte())],
  ["T", (reader) => reader.text(reader.uint32())],
  ["C", (reader) => reader.bytes(reader.byte())],
  ["B", (reader) => reader.bytes(reader.uint32())],
  ["\x8e", (reader) => reader.bytes(reader.uint64())],
  ["\x96", (reader) => reader.bytes(reader.uint64())],
]);

function decimalOrBoolean(reader: PickleReader): PickleValue {
  const line = reader.line();
  return line === "01" ? true : line === "00" ? false : reader.decimal(line);
}
