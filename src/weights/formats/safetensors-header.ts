import { z } from "zod";
import { SenetError } from "../../base/errors.ts";
import { badFile, quote } from "../../files/bad-file.ts";
import type { DType } from "../../ir/dtype.ts";
import { sizeOf } from "../../ir/shape.ts";
import { jsonKeys } from "./json-keys.ts";
import { type StoredTypeName, storedTypes } from "./stored-type.ts";

/** Bytes before the header: its length as a little-endian unsigned 64-bit integer. */
export const LENGTH_BYTES = 8;

/** Longest header read, in bytes: the limit of the reference implementation, 25 times what a large language model needs. */
export const MAX_HEADER_BYTES = 100_000_000;

/** safetensors' names of our dtypes. */
export const safetensorsDTypes: Readonly<Record<DType, string>> = {
  float32: "F32",
  float64: "F64",
  float16: "F16",
  int32: "I32",
  int64: "I64",
  uint8: "U8",
  int8: "I8",
  bool: "BOOL",
};

/** Element types that are read, by safetensors' names: ours, and those that are widened to one of ours. */
const typesByName = new Map<string, StoredTypeName>([
  ...(Object.keys(safetensorsDTypes) as DType[]).map((dtype) => [safetensorsDTypes[dtype], dtype] as const),
  ["BF16", "bfloat16"],
  ["I16", "int16"],
  ["U16", "uint16"],
  ["U32", "uint32"],
]);

/** One tensor of a file: where its bytes lie, counted from the end of the header. */
export interface TensorEntry {
  readonly name: string;
  /** Of the elements in the file. */
  readonly type: StoredTypeName;
  /** What they become here. */
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/** What a header says, all of it checked. */
export interface SafetensorsHeader {
  /** In the order of the header. */
  readonly entries: readonly TensorEntry[];
  readonly metadata: Record<string, string>;
}

const bad = badFile("the file is damaged, cut short or not safetensors, get it again");

const count = z.int().nonnegative();
const entrySchema = z.object({
  dtype: z.string(),
  shape: z.array(count),
  data_offsets: z.tuple([count, count]),
});
const metadataSchema = z.record(z.string(), z.string());

/** The header's length in bytes, from the first 8 bytes of a file of `fileBytes` bytes. */
export function headerLength(first: Uint8Array, fileBytes: number, what: string): number {
  if (first.length < LENGTH_BYTES) {
    throw bad(what, `expected at least ${LENGTH_BYTES} bytes, the header's length, found ${first.length}`);
  }
  const length = new DataView(first.buffer, first.byteOffset, LENGTH_BYTES).getBigUint64(0, true);
  if (length > MAX_HEADER_BYTES) {
    throw bad(what, `expected a header of at most ${MAX_HEADER_BYTES} bytes, found a length of ${length}`);
  }
  if (Number(length) > fileBytes - LENGTH_BYTES) {
    throw bad(
      what,
      `expected a header of ${length} bytes, found only ${fileBytes - LENGTH_BYTES} after its length`,
    );
  }
  return Number(length);
}

/** Reads and checks a header. Tensors must cover the `dataBytes` bytes after it exactly: no gap, no overlap, no rest. */
export function parseHeader(header: Uint8Array, dataBytes: number, what: string): SafetensorsHeader {
  const json = decodeText(header, what);
  const raw = parseJson(json, what);
  const keys = jsonKeys(json);
  if (keys.duplicate !== undefined) {
    throw bad(what, `expected every name once in the header, found ${quote(keys.duplicate)} twice`);
  }
  const metadata = metadataSchema.safeParse(raw.get("__metadata__") ?? {});
  if (!metadata.success)
    throw bad(what, "expected __metadata__ to map names to strings, found something else");
  const names = keys.top.filter((name) => name !== "__metadata__");
  const entries = names.map((name) => parseEntry(name, raw.get(name), what));
  checkLayout(entries, dataBytes, what);
  return { entries, metadata: metadata.data };
}

function decodeText(header: Uint8Array, what: string): string {
  if (header[0] !== 0x7b) throw bad(what, 'expected a header that begins with "{", found another byte');
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(header);
  } catch (cause) {
    throw bad(what, "expected a header in UTF-8, found other bytes", cause);
  }
}

function parseJson(json: string, what: string): Map<string, unknown> {
  try {
    return new Map(Object.entries(JSON.parse(json) as object));
  } catch (cause) {
    throw bad(what, "expected a header in JSON, found other text", cause);
  }
}

function parseEntry(name: string, raw: unknown, what: string): TensorEntry {
  const where = `tensor ${quote(name)}`;
  const parsed = entrySchema.safeParse(raw);
  if (!parsed.success) {
    const field = parsed.error.issues[0]?.path.join(".") || "the entry";
    throw bad(
      what,
      `${where}: expected a dtype, a shape and two data_offsets (non-negative integers), found otherwise at ${field}`,
    );
  }
  const { shape, data_offsets } = parsed.data;
  const [begin, end] = data_offsets;
  const type = typesByName.get(parsed.data.dtype);
  if (type === undefined) {
    throw new SenetError(
      "file",
      `${what}: ${where}: expected a dtype among ${[...typesByName.keys()].join(", ")}, found ${quote(parsed.data.dtype)}; convert the file's tensors to F32 first.`,
    );
  }
  // A product beyond 2^53 is inexact, but then far larger than any end - begin, so it cannot pass as equal.
  const expected = sizeOf(shape) * storedTypes[type].bytes;
  if (end - begin !== expected) {
    throw bad(
      what,
      `${where}: expected ${expected} bytes for ${parsed.data.dtype} [${shape.join(", ")}], found offsets ${begin} to ${end}`,
    );
  }
  return { name, type, dtype: storedTypes[type].dtype, shape, begin, end };
}

function checkLayout(entries: readonly TensorEntry[], dataBytes: number, what: string): void {
  const inOrder = entries.toSorted((a, b) => a.begin - b.begin || a.end - b.end);
  let covered = 0;
  for (const { name, begin, end } of inOrder) {
    if (begin !== covered) {
      const problem = begin > covered ? "a gap before it" : "an overlap with another tensor";
      throw bad(
        what,
        `tensor ${quote(name)}: expected to begin at byte ${covered}, found ${begin}, ${problem}`,
      );
    }
    if (end > dataBytes) {
      throw bad(what, `tensor ${quote(name)}: expected ${end} bytes of data, found only ${dataBytes}`);
    }
    covered = end;
  }
  if (covered !== dataBytes) {
    throw bad(what, `expected ${covered} bytes of data, found ${dataBytes}, more than the tensors use`);
  }
}
