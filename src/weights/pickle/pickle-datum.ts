import type { PickleReader } from "./pickle-reader.ts";
import type { PickleValue } from "./pickle-values.ts";

/**
 * The number, text or other plain datum that an opcode of a pickle stands for.
 *
 * @param reader stands behind the opcode
 * @returns nothing for an opcode of another kind
 */
export function readDatum(opcode: string, reader: PickleReader): PickleValue | undefined {
  switch (opcode) {
    case "N":
      return null;
    case "\x88":
      return true;
    case "\x89":
      return false;
    case "I": {
      const line = reader.line();
      return line === "01" ? true : line === "00" ? false : reader.decimal(line);
    }
    case "L":
      return reader.decimal(reader.line().replace(/L$/, ""));
    case "F":
      return Number(reader.line());
    case "J":
      return reader.int32();
    case "K":
      return reader.byte();
    case "M":
      return reader.uint16();
    case "\x8a":
      return reader.long(reader.byte());
    case "\x8b":
      return reader.long(reader.uint32());
    case "G":
      return reader.float64();
    case "X":
      return reader.text(reader.uint32());
    case "\x8c":
      return reader.text(reader.byte());
    case "\x8d":
      return reader.text(reader.uint64());
    case "V":
      return reader.line();
    case "S":
      return reader.line().replace(/^(['"])(.*)\1$/s, "$2");
    // Python 2's strings: names in its checkpoints are of this kind.
    case "U":
      return reader.text(reader.byte());
    case "T":
      return reader.text(reader.uint32());
    case "C":
      return reader.bytes(reader.byte());
    case "B":
      return reader.bytes(reader.uint32());
    case "\x8e":
    case "\x96":
      return reader.bytes(reader.uint64());
    default:
      return undefined;
  }
}
