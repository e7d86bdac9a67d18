import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type DType, dtypes } from "../../ir/dtype.ts";
import { sizeOf } from "../../ir/shape.ts";
import { type Tensor, tensor } from "../../ir/tensor.ts";
import { decodeSafetensors, encodeSafetensors } from "./safetensors.ts";
import { MAX_HEADER_BYTES } from "./safetensors-header.ts";

function join(chunks: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(chunks));
}

/** A file with this header, written by hand, and `dataBytes` zeros. */
function file(header: unknown, dataBytes: number, declared?: bigint): Uint8Array {
  const text =
    header instanceof Uint8Array
      ? header
      : new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, declared ?? BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}

const entry = (begin: number, end: number) => ({
  dtype: "F32",
  shape: [(end - begin) / 4],
  data_offsets: [begin, end],
});

describe("decodeSafetensors", () => {
  // By the reference implementation: safetensors 0.8.0, `safetensors.numpy.save`.
  const reference = readFileSync(new URL("../../../test/golden/reference.safetensors", import.meta.url));

  test("reads what the reference implementation wrote, also from a Buffer at an odd address", () => {
    const shifted = Buffer.concat([Buffer.from([0]), reference]).subarray(1);
    for (const bytes of [new Uint8Array(reference), reference, shifted]) {
      const { tensors, metadata } = decodeSafetensors(bytes);
      expect(metadata).toEqual({ model: "seresnet20", note: "é" });
      expect(new Map([...tensors].sort(([a], [b]) => (a < b ? -1 : 1)))).toEqual(
        new Map<string, Tensor>([
          ["10", tensor([2, 3], [0, 0.25, 0.5, 0.75, 1, 1.25])],
          ["b", tensor([3], [1, 0, 1], "bool")],
          ["empty", tensor([0, 4], [])],
          ["h", tensor([2], [0x3c00, 0xc000], "float16")],
          ["i", tensor([1, 1], [-7], "int32")],
          ["l", tensor([2], BigInt64Array.of(2n ** 40n, -1n), "int64")],
          ["s", tensor([1], [-3], "int8")],
          ["scalar", tensor([], [2.5], "float64")],
          ["u", tensor([2], [250, 1], "uint8")],
        ]),
      );
    }
  });

  test("copies: changing the file's bytes later does not change the tensor", () => {
    const bytes = Buffer.concat(encodeSafetensors(new Map([["a", tensor([1], [3])]])));
    const { tensors } = decodeSafetensors(bytes);
    bytes.fill(0);
    expect(tensors.get("a")?.data[0]).toBe(3);
  });

  const again = "the file is damaged, cut short or not safetensors, get it again.";
  const malformed: Array<[string, Uint8Array, string]> = [
    ["empty", new Uint8Array(), `expected at least 8 bytes, the header's length, found 0; ${again}`],
    [
      "shorter than its length field",
      new Uint8Array(7),
      `expected at least 8 bytes, the header's length, found 7; ${again}`,
    ],
    [
      "a header longer than the limit",
      file("{}", 0, BigInt(MAX_HEADER_BYTES) + 1n),
      `expected a header of at most 100000000 bytes, found a length of 100000001; ${again}`,
    ],
    [
      "a header length of 2^64 - 1",
      file("{}", 0, 2n ** 64n - 1n),
      `expected a header of at most 100000000 bytes, found a length of 18446744073709551615; ${again}`,
    ],
    [
      "a truncated header",
      file("{}", 0, 9n),
      `expected a header of 9 bytes, found only 2 after its length; ${again}`,
    ],
    ["no header", file("", 0), `expected a header that begins with "{", found another byte; ${again}`],
    ["an array", file("[]", 0), `expected a header that begins with "{", found another byte; ${again}`],
    ["a space first", file(" {}", 0), `expected a header that begins with "{", found another byte; ${again}`],
    [
      "bytes that are not UTF-8",
      file(Uint8Array.of(0x7b, 0xff, 0x7d), 0),
      `expected a header in UTF-8, found other bytes; ${again}`,
    ],
    ["bad JSON", file('{"a":', 0), `expected a header in JSON, found other text; ${again}`],
    [
      "a name given twice",
      file('{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"\\u0061":1}', 0),
      `expected every name once in the header, found "a" twice; ${again}`,
    ],
    [
      "a field given twice",
      file('{"a":{"dtype":"F32","shape":[0],"shape":[0],"data_offsets":[0,0]}}', 0),
      `expected every name once in the header, found "shape" twice; ${again}`,
    ],
    [
      "metadata that are not strings",
      file({ __metadata__: { epoch: 3 } }, 0),
      `expected __metadata__ to map names to strings, found something else; ${again}`,
    ],
    ...(
      [
        ["an entry that is a number", 1, "the entry"],
        ["no dtype", { shape: [1], data_offsets: [0, 4] }, "dtype"],
        ["a negative dimension", { dtype: "F32", shape: [2, -1], data_offsets: [0, 4] }, "shape.1"],
        ["a dimension that is no integer", { dtype: "F32", shape: [1.5], data_offsets: [0, 6] }, "shape.0"],
        ["a dimension beyond 2^53", { dtype: "F32", shape: [2 ** 60], data_offsets: [0, 4] }, "shape.0"],
        ["three offsets", { dtype: "F32", shape: [1], data_offsets: [0, 4, 8] }, "data_offsets"],
        ["a negative offset", { dtype: "F32", shape: [1], data_offsets: [-4, 0] }, "data_offsets.0"],
      ] as const
    ).map(([what, a, at]): [string, Uint8Array, string] => [
      what,
      file({ a }, 4),
      `tensor "a": expected a dtype, a shape and two data_offsets (non-negative integers), found otherwise at ${at}; ${again}`,
    ]),
    [
      "a dtype we do not have",
      file({ a: { dtype: "F8_E4M3", shape: [4], data_offsets: [0, 4] } }, 4),
      'tensor "a": expected a dtype among F32, F64, F16, I32, I64, U8, I8, BOOL, BF16, I16, U16, U32, found "F8_E4M3"; convert the file\'s tensors to F32 first.',
    ],
    [
      "offsets that do not fit the shape",
      file({ a: { dtype: "F64", shape: [2, 3], data_offsets: [0, 44] } }, 44),
      `tensor "a": expected 48 bytes for F64 [2, 3], found offsets 0 to 44; ${again}`,
    ],
    [
      "offsets that run backwards",
      file({ a: { dtype: "F32", shape: [1], data_offsets: [4, 0] } }, 4),
      `tensor "a": expected 4 bytes for F32 [1], found offsets 4 to 0; ${again}`,
    ],
    [
      "a shape whose product overflows 2^64",
      file({ a: { dtype: "F32", shape: [2 ** 40, 2 ** 40], data_offsets: [0, 0] } }, 0),
      `tensor "a": expected 4.835703278458517e+24 bytes for F32 [1099511627776, 1099511627776], found offsets 0 to 0; ${again}`,
    ],
    [
      "data cut short",
      file({ a: entry(0, 8) }, 7),
      `tensor "a": expected 8 bytes of data, found only 7; ${again}`,
    ],
    [
      "a tensor of terabytes",
      file({ a: entry(0, 2 ** 42) }, 8),
      `tensor "a": expected 4398046511104 bytes of data, found only 8; ${again}`,
    ],
    [
      "data left over",
      file({ a: entry(0, 8) }, 9),
      `expected 8 bytes of data, found 9, more than the tensors use; ${again}`,
    ],
    [
      "a gap",
      file({ b: entry(8, 12), a: entry(0, 4) }, 12),
      `tensor "b": expected to begin at byte 4, found 8, a gap before it; ${again}`,
    ],
    [
      "an overlap",
      file({ a: entry(0, 8), b: entry(4, 12) }, 12),
      `tensor "b": expected to begin at byte 8, found 4, an overlap with another tensor; ${again}`,
    ],
    [
      "a bool that is neither",
      join([file({ a: { dtype: "BOOL", shape: [2], data_offsets: [0, 2] } }, 0), Uint8Array.of(1, 2)]),
      'tensor "a": expected 0 or 1 in a BOOL tensor, found 2; store it as U8.',
    ],
  ];
  test.each(malformed)("refuses %s", (_, bytes, message) => {
    expect(() => decodeSafetensors(bytes, "x.safetensors")).toThrow(
      expect.objectContaining({ code: "file", message: `x.safetensors: ${message}` }),
    );
  });

  test("keeps the message short when a name is not", () => {
    expect(() => decodeSafetensors(file({ ["n".repeat(5000)]: 1 }, 0))).toThrow(/^.{0,400}$/);
  });

  test("survives any damage: every prefix and every changed byte is refused or read, never a crash", () => {
    const good = join(encodeSafetensors(new Map([["ab", tensor([2, 2], [1, 2, 3, 4])]]), { k: "v" }));
    for (let length = 0; length < good.length; length++) {
      expect(() => decodeSafetensors(good.subarray(0, length))).toThrow(
        expect.objectContaining({ code: "file" }),
      );
    }
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const damaged = good.slice();
        damaged[at] ^= flip;
        try {
          decodeSafetensors(damaged);
        } catch (error) {
          expect(error).toMatchObject({ name: "SenetError", code: "file" });
        }
      }),
    );
  });
});

describe("encodeSafetensors", () => {
  test("writes the bytes of the public format", () => {
    const [header, ...data] = encodeSafetensors(new Map([["a", tensor([1, 2], [1, -2])]]), { k: "v" });
    const json = '{"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}';
    const length = 88; // 81 characters and 7 spaces
    expect(new TextDecoder().decode(header.subarray(8))).toBe(json.padEnd(length));
    expect([...header.subarray(0, 8)]).toEqual([length, 0, 0, 0, 0, 0, 0, 0]);
    expect(data.map((chunk) => [...chunk])).toEqual([[0, 0, 128, 63, 0, 0, 0, 192]]);
  });

  test("gives every tensor an offset that is a multiple of its element's size, in any order", () => {
    const tensors = new Map([
      ["bytes", tensor([3], [1, 2, 3], "uint8")],
      ["half", tensor([1], [1], "float16")],
      ["double", tensor([1], [1], "float64")],
      ["single", tensor([1], [1])],
    ]);
    const [header] = encodeSafetensors(tensors);
    expect(header.length % 8).toBe(0);
    const entries = JSON.parse(new TextDecoder().decode(header.subarray(8))) as Record<
      string,
      { data_offsets: [number, number] }
    >;
    expect(Object.entries(entries).map(([name, { data_offsets }]) => [name, data_offsets[0]])).toEqual([
      ["bytes", 14],
      ["half", 12],
      ["double", 0],
      ["single", 8],
    ]);
  });

  test("refuses the reserved name and data that contradict dtype or shape", () => {
    expect(() => encodeSafetensors(new Map([["__metadata__", tensor([1], [1])]]))).toThrow(
      'safetensors: the name "__metadata__" is reserved by the format; rename the tensor.',
    );
    const wrong: Tensor = { dtype: "float64", shape: [2], data: Float32Array.of(1, 2) };
    expect(() => encodeSafetensors(new Map([["w", wrong]]))).toThrow(
      'safetensors: tensor "w": expected 2 elements in a Float64Array for float64 [2], found 2 in a Float32Array; build it with tensor().',
    );
    const short: Tensor = { dtype: "float32", shape: [2, 2], data: Float32Array.of(1) };
    expect(() => encodeSafetensors(new Map([["w", short]]))).toThrow(/expected 4 elements .* found 1 in/);
  });

  test("what is written is read again, in the same order, whatever the names, dtypes and bits", () => {
    const anyTensor = fc
      .tuple(
        fc.constantFrom(...(Object.keys(dtypes) as DType[])),
        fc.array(fc.nat(3), { maxLength: 4 }),
        fc.infiniteStream(fc.nat(255)),
      )
      .map(([dtype, shape, stream]): Tensor => {
        const bytes = Uint8Array.from({ length: sizeOf(shape) * dtypes[dtype].bytes }, () =>
          Number(stream.next().value),
        );
        const legal = dtype === "bool" ? bytes.map((byte) => byte % 2) : bytes;
        return { dtype, shape, data: new dtypes[dtype].array(legal.buffer) };
      });
    const name = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("1", "10", "__proto__", "toString", 'a"b\\', ""),
    );
    const content = fc.uniqueArray(
      fc.tuple(
        name.filter((text) => text !== "__metadata__"),
        anyTensor,
      ),
      { selector: ([text]) => text },
    );
    const metadata = fc
      .dictionary(fc.string(), fc.string(), { noNullPrototype: true })
      .filter((m) => !Object.hasOwn(m, "__proto__"));
    fc.assert(
      fc.property(content, metadata, (tensors, text) => {
        const decoded = decodeSafetensors(join(encodeSafetensors(new Map(tensors), text)));
        // Bytes, not numbers: a NaN must keep its bits.
        const plain = (pairs: Iterable<[string, Tensor]>) =>
          [...pairs].map(([key, { dtype, shape, data }]) => [
            key,
            dtype,
            shape,
            Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("hex"),
          ]);
        expect(plain(decoded.tensors)).toEqual(plain(tensors));
        expect(decoded.metadata).toEqual(text);
      }),
    );
  });
});
