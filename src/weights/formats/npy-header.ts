import { SenetError } from "../../base/errors.ts";
import { badFile } from "../../files/bad-file.ts";
import { sizeOf } from "../../ir/shape.ts";
import { type StoredTypeName, storedTypes } from "./stored-type.ts";

/** Longest header read, in bytes: numpy's own limit for files that are not trusted. */
export const MAX_NPY_HEADER_BYTES = 10_000;

/** Most axes an array may have: numpy's own limit. */
const MAX_AXES = 64;

const bad = badFile("the file is damaged or no .npz of arrays, get it again");

/** What the header of an .npy file says. */
export interface NpyHeader {
  readonly type: StoredTypeName;
  readonly shape: readonly number[];
  readonly bigEndian: boolean;
  /** The first index changes fastest (Fortran order), not the last. */
  readonly columnMajor: boolean;
  /** Where the elements begin. */
  readonly dataAt: number;
}

/** numpy's codes: kind and bytes of an element. */
const types: Readonly<Record<string, StoredTypeName>> = {
  f8: "float64",
  f4: "float32",
  f2: "float16",
  i8: "int64",
  i4: "int32",
  i2: "int16",
  i1: "int8",
  u4: "uint32",
  u2: "uint16",
  u1: "uint8",
  b1: "bool",
};

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59] as const; // "\x93NUMPY"

/**
 * Reads the header of an .npy file, versions 1 to 3.
 *
 * Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 *
 * @param start the file's first bytes, `MAX_NPY_HEADER_BYTES` + 12 of them where it has so many
 */
export function parseNpyHeader(start: Uint8Array, where: string): NpyHeader {
  if (start.length < 10 || magic.some((byte, i) => start[i] !== byte)) {
    throw bad(where, "expected an .npy array, found other bytes");
  }
  const [major] = start.subarray(6);
  if (major < 1 || major > 3) throw bad(where, `expected version 1 to 3, found ${major}`);
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  const textAt = major === 1 ? 10 : 12;
  if (start.length < textAt) throw bad(where, "expected a header's length, found the end");
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > MAX_NPY_HEADER_BYTES) {
    throw bad(
      where,
      `expected a header of at most ${MAX_NPY_HEADER_BYTES} bytes, found a length of ${length}`,
    );
  }
  const dataAt = textAt + length;
  if (dataAt > start.length) {
    throw bad(where, `expected a header of ${length} bytes, found ${start.length - textAt}`);
  }
  const text = new TextDecoder(major === 3 ? "utf-8" : "latin1").decode(start.subarray(textAt, dataAt));
  return { ...parseText(text, where), dataAt };
}

/** A Python dict of three known keys, as numpy prints it. */
function parseText(text: string, where: string): Omit<NpyHeader, "dataAt"> {
  const descr = /['"]descr['"]\s*:\s*(?:['"]([<>|=]?)([^'"]{1,16})['"]|(.))/.exec(text);
  const order = /['"]fortran_order['"]\s*:\s*(True|False)/.exec(text);
  const dims = /['"]shape['"]\s*:\s*\(([\d,\sL]*)\)/.exec(text);
  if (!descr || !order || !dims)
    throw bad(where, "expected descr, fortran_order and shape, found another header");
  const [, byteOrder, code = `${descr[3]}…`] = descr;
  const type = Object.hasOwn(types, code) ? types[code] : undefined;
  if (type === undefined) {
    const known = Object.keys(types).join(", ");
    const why = code === "O" ? "O, Python objects, which would have to be executed" : JSON.stringify(code);
    throw new SenetError(
      "file",
      `${where}: expected elements among ${known}, found ${why}; save the array as float32.`,
    );
  }
  return {
    type,
    shape: parseShape(dims[1], storedTypes[type].bytes, where),
    bigEndian: byteOrder === ">",
    columnMajor: order[1] === "True",
  };
}

function parseShape(text: string, elementBytes: number, where: string): number[] {
  const shape = text.split(",").flatMap((dim) => (dim.trim() === "" ? [] : [Number(dim.replace("L", ""))]));
  if (shape.length > MAX_AXES || !shape.every(Number.isSafeInteger)) {
    throw bad(where, `expected at most ${MAX_AXES} whole dimensions, found another shape`);
  }
  if (!Number.isSafeInteger(sizeOf(shape) * elementBytes)) {
    throw bad(where, `expected less than 2^53 bytes, found the shape [${shape.join(", ")}]`);
  }
  return shape;
}
