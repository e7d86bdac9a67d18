import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { SenetError } from "../base/errors.ts";
import { readLabelOrder } from "./label-order-node.ts";
import { openWeights } from "./open-weights-node.ts";

const root = mkdtempSync(join(tmpdir(), "senet-malformed-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const goldenPath = (name: string) =>
  fileURLToPath(new URL(`../../test/golden/weights/${name}`, import.meta.url));
const golden = (name: string) => Buffer.from(readFileSync(goldenPath(name)));

/** A golden file with the first occurrence of some bytes replaced by as many others. */
function changed(name: string, from: string, to: string): Buffer {
  const bytes = golden(name);
  const at = bytes.indexOf(from, 0, "latin1");
  if (at < 0 || from.length !== to.length) throw new Error(`${name} has no ${from}`);
  bytes.write(to, at, "latin1");
  return bytes;
}

/** A central directory's field of the first member: its offset in the entry, its bytes. */
function inDirectory(name: string, offset: number, ...bytes: number[]): Buffer {
  const file = golden(name);
  file.set(bytes, file.indexOf("PK\x01\x02", 0, "latin1") + offset);
  return file;
}

const archive = "the archive is damaged or cut short, get it again.";
const torch = "the file is damaged or no PyTorch checkpoint, get it again.";
const numpy = "the file is damaged or no .npz of arrays, get it again.";

const zipEnd = Buffer.from([0x50, 0x4b, 5, 6, ...new Array(18).fill(0)]);
const farDirectory = Buffer.from(zipEnd);
farDirectory.writeUInt32LE(50, 12);
const noEntries = Buffer.from(zipEnd);
noEntries.writeUInt16LE(1, 10);
const manyBytes = Buffer.from(zipEnd);
manyBytes.writeUInt32LE(0x7fffffff, 12);

/** What lies in the file, and the sentence after its name. */
const malformed: readonly (readonly [what: string, bytes: Buffer, message: string])[] = [
  [
    "nothing",
    Buffer.alloc(0),
    "expected weights as safetensors, .pth, .npz or .onnx, found an empty file; check the path and get the file again.",
  ],
  [
    "a web page",
    Buffer.from("<!DOCTYPE html>"),
    "expected weights as safetensors, .pth, .npz or .onnx, found a web page; check the path and get the file again.",
  ],
  [
    "a pointer of Git LFS",
    Buffer.from("version https://git-lfs.github.com/spec/v1\n"),
    "expected weights as safetensors, .pth, .npz or .onnx, found a Git LFS pointer instead of the file; check the path and get the file again.",
  ],
  [
    "other bytes",
    Buffer.from("hello"),
    "expected weights as safetensors, .pth, .npz or .onnx, found other bytes; check the path and get the file again.",
  ],
  [
    "an archive cut short",
    golden("small.pth").subarray(0, 900),
    `expected a zip archive's directory at the end, found none; ${archive}`,
  ],
  [
    "a directory beyond the end",
    farDirectory,
    `expected a directory of 50 bytes at 0, found a file of 22; ${archive}`,
  ],
  [
    "a directory without its entry",
    noEntries,
    `expected an entry of the directory at its byte 0, found none; ${archive}`,
  ],
  [
    "a directory of gigabytes",
    manyBytes,
    `expected a directory of at most 100000000 bytes, found 2147483647; ${archive}`,
  ],
  [
    "an encrypted member",
    inDirectory("small.npz", 8, 1),
    `member "a.npy": expected one that is not encrypted, found an encrypted one; ${archive}`,
  ],
  [
    "another compression",
    inDirectory("small.npz", 10, 93),
    `member "a.npy": expected it stored or deflated, found method 93; ${archive}`,
  ],
  [
    "a member of gigabytes",
    inDirectory("small.npz", 24, 0, 0, 0, 0x7f),
    `member "a.npy": expected 10012 bytes, found 152 after inflating; ${archive}`,
  ],
  [
    "a member that begins elsewhere",
    inDirectory("small.npz", 42, 9),
    `member "a.npy": expected its header at 9, found other bytes; ${archive}`,
  ],
  [
    "another checksum",
    inDirectory("small.npz", 16, 1, 2, 3, 4),
    `array "a": expected the checksum that the archive names, found another; the archive is damaged, get it again.`,
  ],
  [
    "no array",
    changed("versions.npz", "\x93NUMPY\x01", "\x93NUMPX\x01"),
    `array "v1": expected an .npy array, found other bytes; ${numpy}`,
  ],
  [
    "a version to come",
    changed("versions.npz", "\x93NUMPY\x03", "\x93NUMPY\x04"),
    `array "v3": expected version 1 to 3, found 4; ${numpy}`,
  ],
  [
    "a type of many fields",
    changed("versions.npz", "'<f4'", "[<f4]"),
    `array "v1": expected elements among f8, f4, f2, i8, i4, i2, i1, u4, u2, u1, b1, found "[…"; save the array as float32.`,
  ],
  [
    "complex numbers",
    changed("versions.npz", "'<f4'", "'<c8'"),
    `array "v1": expected elements among f8, f4, f2, i8, i4, i2, i1, u4, u2, u1, b1, found "c8"; save the array as float32.`,
  ],
  [
    "Python objects",
    golden("objects.npz"),
    `array "objects": expected elements among f8, f4, f2, i8, i4, i2, i1, u4, u2, u1, b1, found O, Python objects, which would have to be executed; save the array as float32.`,
  ],
  [
    "another shape than there is data",
    changed("versions.npz", "(1,)", "(2,)"),
    `array "v1": expected 136 bytes for float32 [2], found 132; the archive is damaged, get it again.`,
  ],
  [
    "a whole module",
    golden("module.pth"),
    `expected tensors in plain containers, found the Python object "torch.nn.modules.linear.Linear", which would have to be executed; save the model's state_dict() alone.`,
  ],
  [
    "no magic number",
    changed("small-legacy.pth", "\x6c\xfc\x9c", "\x6c\xfc\x9d"),
    `expected PyTorch's magic number in the first pickle, found something else; ${torch}`,
  ],
  [
    "another protocol",
    changed("small-legacy.pth", "M\xe9\x03", "M\xe8\x03"),
    `expected protocol 1001 in the second pickle, found another; ${torch}`,
  ],
  [
    "pickles cut short",
    golden("small-legacy.pth").subarray(0, 200),
    `expected five whole pickles, found part of them; ${torch}`,
  ],
  [
    "a storage cut short",
    golden("small-legacy.pth").subarray(0, -1),
    `storage "KEY": expected 1 elements at byte 499, found a file of 500 bytes; ${torch}`,
  ],
  [
    "an index without a map",
    Buffer.from('{"metadata": {}}'),
    "expected a weight_map from tensors to files, found none; get the index and its files again.",
  ],
  [
    "an index that is no JSON",
    Buffer.from('{"weight_map": '),
    "expected an index in JSON, found other text; get the index and its files again.",
  ],
];

describe("openWeights refuses", () => {
  test.each(malformed)("%s", async (_, bytes, message) => {
    const path = join(root, "file");
    writeFileSync(path, bytes);
    const open = openWeights(path).then(async (file) => {
      for (const name of file.entries.keys()) await file.read(name);
    });
    const error = await open.catch((caught: unknown) => caught);
    // PyTorch names storages by their address.
    const found =
      error instanceof SenetError ? error.message.replace(/storage "\d+"/, 'storage "KEY"') : error;
    expect(found).toBe(`${path}: ${message}`);
    expect(error).toMatchObject({ code: "file" });
  });

  test("shards that are missing, elsewhere, or reached through a link to elsewhere", async () => {
    const folder = join(root, "shards");
    mkdirSync(folder);
    writeFileSync(join(root, "secret.safetensors"), golden("types.safetensors"));
    symlinkSync(join(root, "secret.safetensors"), join(folder, "link.safetensors"));
    writeFileSync(join(folder, "own.safetensors"), golden("types.safetensors"));
    const index = join(folder, "model.safetensors.index.json");
    const refusal = async (file: string, name = "a") => {
      writeFileSync(index, JSON.stringify({ weight_map: { [name]: file } }));
      return openWeights(index).then(
        () => "opened",
        (error: Error) => error.message,
      );
    };
    const again = "get the index and its files again.";
    const elsewhere = (file: string) =>
      `${index}: expected shards in its own folder, found "${file}", which lies elsewhere; ${again}`;
    expect(await refusal("own.safetensors", "long")).toBe("opened");
    expect(await refusal("../secret.safetensors")).toBe(elsewhere("../secret.safetensors"));
    expect(await refusal("link.safetensors")).toBe(elsewhere("link.safetensors"));
    expect(await refusal(".")).toBe(elsewhere("."));
    expect(await refusal("none.safetensors")).toBe(
      `${join(folder, "none.safetensors")}: expected a file, found nothing; check the path.`,
    );
    expect(await refusal("own.safetensors", "nowhere")).toBe(
      `${index}: expected tensor "nowhere" in "own.safetensors", found none there; ${again}`,
    );
  });
});

test("an order of classes is one whole number a line", async () => {
  const path = join(root, "labels.txt");
  writeFileSync(path, "2\n0\r\n1\n");
  expect(await readLabelOrder(path)).toEqual([2, 0, 1]);
  writeFileSync(path, "2\ncat\n");
  await expect(readLabelOrder(path)).rejects.toMatchObject({
    code: "file",
    message: `${path}, line 2: expected the number of a class, found "cat"; write one whole number a line.`,
  });
  truncateSync(path, 2 ** 40);
  await expect(readLabelOrder(path)).rejects.toMatchObject({
    code: "file",
    message: `${path}: expected a file of at most 7.6 MiB, found 1.0 TiB; use a smaller file.`,
  });
});
