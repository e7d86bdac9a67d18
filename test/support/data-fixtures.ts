/** Small real files for the tests of this folder. Not part of the package. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { SenetError } from "../../src/base/errors.ts";

/** A temporary folder with the given files; `remove` deletes it. */
export function temporaryFolder(files: Readonly<Record<string, Uint8Array | string>> = {}) {
  const path = mkdtempSync(join(tmpdir(), "senet-data-"));
  const write = (more: Readonly<Record<string, Uint8Array | string>>) => {
    for (const [name, content] of Object.entries(more)) {
      mkdirSync(dirname(join(path, name)), { recursive: true });
      writeFileSync(join(path, name), content);
    }
  };
  write(files);
  return { path, write, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** The message of the SenetError that `work` fails with, without the folder's name. */
export async function messageOf(work: () => unknown, folder = ""): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof SenetError)) throw error;
    return `${error.code}: ${folder === "" ? error.message : error.message.replaceAll(folder, "DIR")}`;
  }
  return "nothing was thrown";
}

/** An IDX file of bytes. */
export function idxBytes(dims: readonly number[], values: ArrayLike<number>): Uint8Array {
  const header = new DataView(new ArrayBuffer(4 + 4 * dims.length));
  header.setUint32(0, 0x0800 | dims.length);
  dims.forEach((dim, axis) => {
    header.setUint32(4 + 4 * axis, dim);
  });
  return Buffer.concat([new Uint8Array(header.buffer), Uint8Array.from(values)]);
}

/** An image of one color (noise when none is given) in a real format. */
export async function imageBytes(
  width: number,
  height: number,
  color: string | undefined = undefined,
  format: "jpeg" | "png" | "webp" = "png",
): Promise<Uint8Array> {
  const noise = { type: "gaussian", mean: 128, sigma: 30 } as const;
  const image = sharp({
    create: { width, height, channels: 3, background: color ?? "#000", ...(color ? {} : { noise }) },
  });
  return image.toFormat(format).toBuffer();
}

/** A parquet column: `children` makes it a struct. All values are required. */
export interface FixtureColumn {
  readonly name: string;
  readonly values?: readonly (Uint8Array | number | string)[];
  readonly children?: readonly FixtureColumn[];
}

/**
 * A parquet file (PLAIN, uncompressed, one row group) of binary, text and int64 columns.
 *
 * @param claims rows that as many groups claim to have, each of all columns, in place of the one of as many as there are
 */
export function parquetBytes(
  columns: readonly FixtureColumn[],
  keys: Readonly<Record<string, string>> = {},
  claims?: readonly number[],
): Uint8Array {
  const parts: Uint8Array[] = [Buffer.from("PAR1")];
  let offset = 4;
  const chunks: Uint8Array[] = [];
  const schema: Uint8Array[] = [struct([4, text("schema")], [5, int(columns.length)])];
  let rows = 0;
  const visit = (column: FixtureColumn, parents: readonly string[]) => {
    const path = [...parents, column.name];
    if (column.children !== undefined) {
      schema.push(struct([3, int(0)], [4, text(column.name)], [5, int(column.children.length)]));
      for (const child of column.children) visit(child, path);
      return;
    }
    const values = column.values ?? [];
    rows = values.length;
    const type = typeof values[0] === "number" ? 2 : 6;
    const converted: Field[] = typeof values[0] === "string" ? [[6, int(0)]] : [];
    schema.push(struct([1, int(type)], [3, int(0)], [4, text(column.name)], ...converted));
    const body = Buffer.concat(values.map(plain));
    const page = [1, 2, 3, 4].map((id): Field => [id, int(id === 1 ? values.length : id === 2 ? 0 : 3)]);
    const head = struct(
      [1, int(0)],
      [2, int(body.length)],
      [3, int(body.length)],
      [5, { type: 12, bytes: struct(...page) }],
    );
    const size = head.length + body.length;
    const meta = struct(
      [1, int(type)],
      [2, list(5, [zigzag(0)])],
      [
        3,
        list(
          8,
          path.map((part) => text(part).bytes),
        ),
      ],
      [4, int(0)],
      [5, long(values.length)],
      [6, long(size)],
      [7, long(size)],
      [9, long(offset)],
    );
    chunks.push(struct([2, long(offset)], [3, { type: 12, bytes: meta }]));
    parts.push(head, body);
    offset += size;
  };
  for (const column of columns) visit(column, []);
  const groups = (claims ?? [rows]).map((count) =>
    struct([1, list(12, chunks)], [2, long(offset)], [3, long(count)]),
  );
  const pairs = Object.entries(keys).map(([key, value]) => struct([1, text(key)], [2, text(value)]));
  const footer = struct(
    [1, int(1)],
    [2, list(12, schema)],
    [3, long(rows)],
    [4, list(12, groups)],
    [5, list(12, pairs)],
  );
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footer.length);
  return Buffer.concat([...parts, footer, length, Buffer.from("PAR1")]);
}

/** Values of Thrift's compact protocol, in which parquet writes its metadata. */
interface Thrift {
  readonly type: number;
  readonly bytes: Uint8Array;
}
type Field = readonly [id: number, value: Thrift];

function struct(...fields: Field[]): Uint8Array {
  let last = 0;
  const parts = fields.flatMap(([id, { type, bytes }]) => {
    const head = Uint8Array.of(((id - last) << 4) | type);
    last = id;
    return [head, bytes];
  });
  return Buffer.concat([...parts, Uint8Array.of(0)]);
}

function int(value: number): Thrift {
  return { type: 5, bytes: zigzag(value) };
}

function long(value: number): Thrift {
  return { type: 6, bytes: zigzag(value) };
}

function text(value: string): Thrift {
  const bytes = Buffer.from(value);
  return { type: 8, bytes: Buffer.concat([varint(bytes.length), bytes]) };
}

function list(type: number, items: readonly Uint8Array[]): Thrift {
  const head =
    items.length < 15
      ? Uint8Array.of((items.length << 4) | type)
      : Uint8Array.of(0xf0 | type, ...varint(items.length));
  return { type: 9, bytes: Buffer.concat([head, ...items]) };
}

function zigzag(value: number): Uint8Array {
  return varint(value >= 0 ? 2 * value : -2 * value - 1);
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  return Uint8Array.of(...bytes, rest);
}

function plain(value: Uint8Array | number | string): Uint8Array {
  const prefix = Buffer.alloc(typeof value === "number" ? 8 : 4);
  if (typeof value === "number") {
    prefix.writeBigInt64LE(BigInt(value));
    return prefix;
  }
  const bytes = typeof value === "string" ? Buffer.from(value) : value;
  prefix.writeUInt32LE(bytes.length);
  return Buffer.concat([prefix, bytes]);
}
