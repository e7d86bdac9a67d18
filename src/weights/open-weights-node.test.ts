import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { sharedPath } from "../../test/support/needs.ts";
import { smallNet } from "../../test/support/small-net.ts";
import { fileSource } from "../files/byte-source-node.ts";
import type { DType } from "../ir/dtype.ts";
import { parametersOf, statesOf } from "../ir/graph.ts";
import { type Tensor, tensor } from "../ir/tensor.ts";
import { writeOnnx } from "../onnx/write-onnx.ts";
import { toFloat32 } from "./formats/float-convert.ts";
import { writeSafetensorsFile } from "./formats/safetensors-file-node.ts";
import type { WeightsFile } from "./formats/weights-file.ts";
import { openSource } from "./open-source.ts";
import { openWeights } from "./open-weights-node.ts";

const goldens = new URL("../../test/golden/weights/", import.meta.url);
const golden = (name: string) => fileURLToPath(new URL(name, goldens));

/** What PyTorch, safetensors and numpy read from their own files: `scripts/make-weights-goldens.py`. */
interface Expected {
  readonly shape: readonly number[];
  /** Whole numbers as text. */
  readonly values: readonly (number | string | boolean)[];
}
const expected: Record<"pytorch" | "safetensors" | "npz", Record<string, Expected>> = JSON.parse(
  readFileSync(golden("expected.json"), "utf8"),
);

const root = mkdtempSync(join(tmpdir(), "senet-weights-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function withFile<T>(path: string, use: (file: WeightsFile) => Promise<T>, ema = false): Promise<T> {
  const file = await openWeights(path, { ema });
  try {
    return await use(file);
  } finally {
    await file.dispose();
  }
}

/** As the goldens have it. */
function listed({ dtype, shape, data }: Tensor): Expected {
  const floats = dtype === "float64" ? undefined : toFloat32({ dtype, shape, data })?.data;
  const values = Array.from<number | bigint>(floats ?? data);
  const isFloat = dtype.startsWith("float");
  return {
    shape,
    values: values.map((value) => (isFloat || dtype === "bool" ? Number(value) : String(value))),
  };
}

async function readAll(file: WeightsFile): Promise<Record<string, Expected>> {
  const found: Record<string, Expected> = {};
  for (const [name, entry] of file.entries) {
    const read = await file.read(name);
    expect({ dtype: read.dtype, shape: read.shape }).toEqual({ dtype: entry.dtype, shape: entry.shape });
    found[name] = listed(read);
  }
  return found;
}

describe("openWeights reads what the makers of the formats read", () => {
  test.each([
    ["types.safetensors", "safetensors", "safetensors"],
    ["checkpoint.pth", "pytorch", "pytorch"],
    ["checkpoint-legacy.pth", "pytorch", "pytorch"],
    ["deflated.npz", "npz", "npz"],
  ] as const)("%s", async (name, format, key) => {
    await withFile(golden(name), async (file) => {
      expect(file.format).toBe(format);
      expect(await readAll(file)).toEqual(expected[key]);
    });
  });

  test("stored.npz, and every version of an array's header", async () => {
    const { zeros: _, ...rest } = expected.npz;
    expect(await withFile(golden("stored.npz"), readAll)).toEqual(rest);
    expect(await withFile(golden("versions.npz"), readAll)).toEqual({
      v1: { shape: [1], values: [1] },
      v2: { shape: [1], values: [2] },
      v3: { shape: [1], values: [3] },
    });
  });

  test("the types that tensors have here", async () => {
    const types = await withFile(golden("checkpoint.pth"), async ({ entries }) =>
      Object.fromEntries([...entries].map(([name, { dtype }]) => [name, dtype])),
    );
    expect(types).toMatchObject({
      double: "float64",
      half: "float16",
      bfloat: "float32",
      long: "int64",
      int: "int32",
      short: "int32",
      char: "int8",
      byte: "uint8",
      mask: "bool",
    } satisfies Record<string, DType>);
  });

  test("several safetensors files by their index", async () => {
    await withFile(golden("sharded/model.safetensors.index.json"), async (file) => {
      expect(file.format).toBe("safetensors");
      expect(await readAll(file)).toEqual({
        "a.weight": { shape: [2, 2], values: [1, 1, 1, 1] },
        "b.weight": { shape: [3], values: [2, 2, 2] },
        c: { shape: [1], values: [0] },
      });
      expect(await file.readSlice("a.weight", 1, 2)).toEqual(tensor([1, 2], [1, 1]));
    });
  });

  test("the weights of a checkpoint, and their average only when asked", async () => {
    expect(await withFile(golden("checkpoint.pth"), readAll, true)).toEqual({
      "fc.bias": { shape: [2], values: [8, 9] },
    });
  });

  test("an .onnx network's parameters and statistics", async () => {
    const graph = smallNet();
    const path = join(root, "net.bin");
    writeFileSync(path, writeOnnx(graph));
    await withFile(path, async (file) => {
      expect(file.format).toBe("onnx");
      for (const { name = "", tensor: stored } of [...parametersOf(graph), ...statesOf(graph)]) {
        expect(await file.read(name)).toEqual({ ...stored, data: stored?.data });
      }
    });
  });
});

test("metadata are the file's own text", async () => {
  expect(await withFile(golden("types.safetensors"), async ({ metadata }) => metadata)).toEqual({
    made: "by safetensors",
  });
});

describe("readSlice", () => {
  test.each(["types.safetensors", "checkpoint.pth", "checkpoint-legacy.pth"])("%s", async (name) => {
    await withFile(golden(name), async (file) => {
      const whole = await file.read("transposed");
      expect(await file.readSlice("transposed", 1, 3)).toEqual(tensor([2, 3], whole.data.slice(3, 9)));
      expect(await file.readSlice("bfloat", 2, 3)).toEqual(tensor([1], [0.0078125]));
      expect((await file.readSlice("transposed", 4, 4)).shape).toEqual([0, 3]);
      await expect(file.readSlice("transposed", 2, 5)).rejects.toMatchObject({
        code: "usage",
        message: `${golden(name)}: slice of tensor "transposed" [4, 3]: expected 0 ≤ from ≤ to ≤ 4, found from 2 to 5; correct the range.`,
      });
    });
  });
});

test("a name that is not there is refused with the nearest", async () => {
  await withFile(golden("types.safetensors"), async (file) => {
    await expect(file.read("conv.wieght")).rejects.toMatchObject({
      code: "unknown-name",
      message: `${golden("types.safetensors")}: tensor "conv.wieght" is not in the file (did you mean "conv.weight"?); see entries for its names.`,
    });
  });
});

describe("laziness", () => {
  /** Bytes read by opening, and by one tensor after it. */
  async function bytesRead(path: string, name: string): Promise<[opening: number, tensor: number]> {
    const source = await fileSource(path);
    let count = 0;
    const counting = {
      ...source,
      async read(from: number, length: number) {
        count += length;
        return source.read(from, length);
      },
    };
    const file = await openSource(counting);
    const opening = count;
    await file.read(name);
    await file.dispose();
    return [opening, count - opening];
  }

  test("opening safetensors reads the header alone, reading a tensor its bytes alone", async () => {
    const path = join(root, "large.safetensors");
    const large = tensor([1 << 20], new Float32Array(1 << 20).fill(1));
    await writeSafetensorsFile(
      path,
      new Map([
        ["large", large],
        ["small", tensor([2], [1, 2])],
      ]),
    );
    const [opening, small] = await bytesRead(path, "small");
    expect(opening).toBeLessThan(300);
    expect(small).toBe(8);
  });

  test("opening an older .pth does not read its tensors", async (context) => {
    const path = sharedPath(context, "models/minifasnet/2.7_80x80_MiniFASNetV2.pth");
    const [opening, one] = await bytesRead(path, "module.prob.weight");
    expect(opening).toBeLessThan(2 ** 20 + 16 + 8 * 334 + 1);
    expect(one).toBe(4 * 3 * 128);
  });

  test("trained checkpoints are what PyTorch reads, tensor by tensor", async (context) => {
    const folder = sharedPath(context, "models/minifasnet");
    const files: Record<string, [string, number[], string][]> = JSON.parse(
      gunzipSync(readFileSync(golden("minifasnet.json.gz"))).toString(),
    );
    expect(Object.values(files).map(({ length }) => length)).toEqual([334, 370]);
    for (const [name, tensors] of Object.entries(files)) {
      await withFile(join(folder, name), async (file) => {
        expect([...file.entries.keys()]).toEqual(tensors.map(([key]) => key));
        for (const [key, shape, hash] of tensors) {
          const read = await file.read(key);
          expect(read.shape).toEqual(shape);
          const bytes = new Uint8Array(read.data.buffer, read.data.byteOffset, read.data.byteLength);
          expect(createHash("sha256").update(bytes).digest("hex").slice(0, 12)).toBe(hash);
        }
      });
    }
  });
});

test("formats are told by content: a safetensors header of 640 bytes begins as a pickle does", async () => {
  const path = join(root, "misnamed.pth");
  const padded = "x".repeat(640 - '{"__metadata__":{"a":""}}'.length);
  const header = `{"__metadata__":{"a":"${padded}"}}`;
  const bytes = Buffer.alloc(8 + header.length);
  bytes.writeBigUInt64LE(BigInt(header.length));
  bytes.write(header, 8);
  expect([...bytes.subarray(0, 2)]).toEqual([0x80, 2]);
  writeFileSync(path, bytes);
  expect(await withFile(path, async ({ format }) => format)).toBe("safetensors");
});

test("what is written as safetensors is read tensor by tensor", async () => {
  const element = fc.float({ noNaN: true });
  const tensors = fc.dictionary(
    fc.string({ minLength: 1 }).filter((name) => name !== "__metadata__" && name !== "__proto__"),
    fc.array(element, { maxLength: 6 }),
    { maxKeys: 5 },
  );
  const path = join(root, "round.safetensors");
  await fc.assert(
    fc.asyncProperty(tensors, async (lists) => {
      const written = new Map(
        Object.entries(lists).map(([name, values]) => [name, tensor([values.length], values)]),
      );
      await writeSafetensorsFile(path, written);
      await withFile(path, async (file) => {
        expect([...file.entries.keys()].sort()).toEqual([...written.keys()].sort());
        for (const [name, value] of written) expect(await file.read(name)).toEqual(value);
      });
    }),
    { numRuns: 50 },
  );
});
