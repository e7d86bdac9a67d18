import { describe, expect, test } from "vitest";
import { pickleLimits } from "./pickle-limits.ts";
import { PickleCut } from "./pickle-reader.ts";
import { PickleDict, PickleOpaque, PickleTensor } from "./pickle-values.ts";
import { torchWorld } from "./torch-world.ts";
import { unpickle } from "./unpickle.ts";

const again = "the file is damaged or no PyTorch checkpoint, get it again.";

/** Opcodes as Python's pickletools name them; text stands for its bytes. */
function read(...parts: readonly (string | readonly number[])[]) {
  const bytes = parts.flatMap((part) => (typeof part === "string" ? [...Buffer.from(part, "latin1")] : part));
  return unpickle(Uint8Array.from(bytes), torchWorld("x.pth"), "x.pth").value;
}

describe("plain data", () => {
  test.each([
    ["None", "N.", null],
    ["booleans of protocol 0", "I01\n.", true],
    ["BININT", "J\xfe\xff\xff\xff.", -2],
    ["LONG1 beyond 2^53", "\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f.", 2n ** 63n - 1n],
    ["a negative LONG1", "\x8a\x02\x00\xff.", -256],
    ["LONG", "L-12L\n.", -12],
    ["FLOAT", "F1.5\n.", 1.5],
    ["BINFLOAT", "G\x3f\xf8\0\0\0\0\0\0.", 1.5],
    ["BINUNICODE", "X\x02\0\0\0\xc3\xa9.", "é"],
    ["STRING", "S'a'\n.", "a"],
    ["SHORT_BINUNICODE in a frame", "\x80\x04\x95\x05\0\0\0\0\0\0\0\x8c\x01a\x94.", "a"],
    ["TUPLE3", "K\x01K\x02K\x03\x87.", [1, 2, 3]],
    ["APPENDS", "](K\x01K\x02e.", [1, 2]],
    ["memo", "]q\x00K\x01ah\x000h\x00.", [1]],
  ])("%s", (_, text, value) => {
    expect(read(text)).toEqual(value);
  });

  test("dicts, with the attributes that PyTorch adds to an OrderedDict left out", () => {
    const dict = read("ccollections\nOrderedDict\n)R(U\x01aK\x01u}U\x09_metadataNsb.");
    expect(dict).toBeInstanceOf(PickleDict);
    expect([...(dict as PickleDict).entries]).toEqual([["a", 1]]);
  });

  test("options of a training script become nothing", () => {
    expect(read("cargparse\nNamespace\n)\x81}U\x02lrG?\xb9\x99\x99\x99\x99\x99\x9asb.")).toEqual(
      new PickleOpaque("argparse.Namespace"),
    );
  });
});

const storage = "(U\x07storagectorch\nFloatStorage\nU\x010U\x03cpuK\x04tQ";
const rebuild = (rest: string) => `ctorch._utils\n_rebuild_tensor_v2\n(${storage}${rest}tR.`;

test("a tensor is part of a storage", () => {
  const read1 = read(rebuild("K\x01K\x03\x85K\x01\x85\x89N"));
  expect(read1).toMatchObject({ offset: 1, shape: [3], strides: [1], storage: { key: "0", elements: 4 } });
  expect(read1).toBeInstanceOf(PickleTensor);
});

test("a tensor stays inside its storage though the lists of its shape and strides grow afterwards", () => {
  const tensor = `${rebuild("K\x00]q\x01K\x03a]q\x02K\x01a").slice(0, -1)}q\x00`;
  const grown = read(`${tensor}0h\x01J\x40\x42\x0f\x00ah\x02K\x00a00h\x00.`);
  expect(grown).toMatchObject({ shape: [3], strides: [1] });
});

describe("refused", () => {
  test.each([
    ["os.system", "cos\nsystem\n(U\x04exittR.", "os.system"],
    ["posix.system", "cposix\nsystem\n.", "posix.system"],
    ["builtins.eval", "c__builtin__\neval\n.", "__builtin__.eval"],
    ["by STACK_GLOBAL", "\x8c\x08builtins\x8c\x04exec\x93.", "builtins.exec"],
    ["a module", "ctorch.nn.modules.linear\nLinear\n)\x81.", "torch.nn.modules.linear.Linear"],
    ["a name like a known one", "ctorch\nFloatStorage.__class__\n.", "torch.FloatStorage.__class__"],
  ])("%s, without executing it", (_, text, name) => {
    expect(() => read(text)).toThrow(
      expect.objectContaining({
        code: "file",
        message: `x.pth: expected tensors in plain containers, found the Python object "${name}", which would have to be executed; save the model's state_dict() alone.`,
      }),
    );
  });

  test.each([
    ["an unknown opcode", "\xff.", 'expected an opcode of a pickle, found "ÿ" at byte 0'],
    ["opcodes that make objects of classes", "(cos\nx\no.", undefined],
    ["an empty stack", "0.", "expected a value on the stack, found none"],
    ["no mark", "t.", "expected the beginning of a container, found none"],
    ["a value that was not remembered", "h\x07.", "expected remembered value 7, found none"],
    ["items of no list", "NNa.", "expected a list to append to, found something else"],
    ["items of no dict", "NK\x01K\x02s.", "expected a dict and pairs to fill it with, found something else"],
    ["a key without a value", "}(K\x01u.", "expected a dict and pairs to fill it with, found something else"],
    ["a call of a number", "K\x01)R.", "expected a call of a known name, found something else"],
    [
      "attributes of a list",
      "]}b.",
      "expected attributes of an OrderedDict or an opaque object, found them of something else",
    ],
    ["protocol 6", "\x80\x06.", "expected a pickle of protocol 0 to 5, found 6"],
    ["text for a number", "L1x\n.", "expected a whole number in the pickle, found other text"],
    [
      "a long text",
      "T\xff\xff\xff\x7f.",
      "expected a text of at most 16777216 bytes in the pickle, found 2147483647",
    ],
    [
      "a long number",
      "\x8b\xff\xff\0\0.",
      "expected a whole number of at most 256 bytes in the pickle, found 65535",
    ],
    [
      "a storage of no type",
      "(U\x07storageNU\x010U\x03cpuK\x04tQ.",
      "expected a storage of a known type with a key and a length, found something else",
    ],
    [
      "a tensor beyond its storage",
      rebuild("K\x02K\x03\x85K\x01\x85\x89N"),
      "tensor [3] with offset 2 and strides [1]: expected it inside its storage of 4 elements, found it outside",
    ],
    [
      "a tensor that repeats elements",
      rebuild("K\x00J\0\0\0\x7f\x85K\x00\x85\x89N"),
      "tensor [2130706432] with offset 0 and strides [0]: expected it inside its storage of 4 elements, found it outside",
    ],
    [
      "a negative offset",
      rebuild("J\xff\xff\xff\xffK\x01\x85K\x01\x85\x89N"),
      "expected a storage, an offset, a shape and strides in a tensor, found something else",
    ],
    [
      "strides of another rank",
      rebuild("K\x00K\x01\x85)\x89N"),
      "expected as many strides as axes, at most 64, found 1 and 0",
    ],
  ])("%s", (_, text, problem) => {
    const message =
      problem === undefined
        ? expect.stringContaining("found the Python object")
        : `x.pth: ${problem}; ${again}`;
    expect(() => read(text)).toThrow(expect.objectContaining({ code: "file", message }));
  });

  test("containers in each other beyond the limit", () => {
    expect(() => read("(".repeat(pickleLimits.depth + 1))).toThrow(
      expect.objectContaining({
        message: `x.pth: expected at most 1000 containers in each other, found more; ${again}`,
      }),
    );
  });

  test("more values at once, and more opcodes, than the limits", () => {
    expect(() => read("N".repeat(pickleLimits.stack + 1))).toThrow(
      expect.objectContaining({
        message: `x.pth: expected at most 1000000 values at once, found more; ${again}`,
      }),
    );
    expect(() => read("N0".repeat(pickleLimits.opcodes / 2))).toThrow(
      expect.objectContaining({ message: `x.pth: expected at most 5000000 opcodes, found more; ${again}` }),
    );
  });
});

test("a pickle that is cut short may go on elsewhere", () => {
  for (const text of ["", "N", "X\x05\0\0\0a", "cos"]) expect(() => read(text)).toThrow(PickleCut);
});
