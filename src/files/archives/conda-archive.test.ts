import { expect, test } from "vitest";
import { bytesSource } from "../../../test/support/bytes-source.ts";
import { condaPackage, storedZip, zstdFrame } from "../../../test/support/conda-server.ts";
import { messageOf } from "../../../test/support/data-fixtures.ts";
import { readPackedFile } from "./conda-archive.ts";

const LONG = "d".repeat(120);
const TEXT = Array.from({ length: 40 }, (_, i) => `one library, and another ${(i + 1) % 3}\n`).join("");

/**
 * `LONG/long`, `lib/libx.so.1.2` and a link `lib/libx.so.1` to it, packed by GNU tar 1.34 in the formats of POSIX and of GNU, compressed by
 * zstd 1.5.4 at level 19.
 */
const archives = {
  posix:
    "KLUv/WQAJ80HAJJJHReAqwMAPoOwhbWzOwsAs7skKdl5Djp6ZQA70DvhwciXuA2e6ebCRDr7b+yOfJWdV2uN5IKcZ6tbU4FEGSM8ePWZkci4WFPtMVLOtbpeqbUaPwXSEw7GKdvfyqzTMUujzmpz72dlfXZmVYrxS8uEz8HBcURCATOgoGyISJK0BtCOgiRJHcsF330Nk4rkqaoA+/mWdgES4JjVSsgDkA1S+4RijsocmnEzJ01f4QEGHgtVB5RoGCe8SXMnWDXAUt+Dg30Apr07sEpO6jIqBnlAOgGaUiIosQhp2CDD0tQ6DXSACwAGpM5bhVS65ygCkKThgc4AgJkJp+ZdizM=",
  gnu: "KLUv/WQAJz0HAPKIGxiQOwcoLDcUoDowrtUFQiREpMhNEHOoQgqAMrAZEcXpAxYZRLGIicDmpuyUOXHivDJbzm3qJkGrse6VsTyg30MUza+WwH6usTxbuxZjTo+r4053fGYsnOY5kV/advV6dqt6QWh6Bi5EApsYVFIpLaBwTg3NNIXh4GxEkoLmAcuFz30NpWry1Gpuo89iL0AHamwAUtlBHgckqcQIJTi0MzPTTbkCAw58rOoOSCJnnIZNnRAyVICluqdwAECvlpvaew4GLHVghOrzBwP8HhhIO0gNnfrEdMMBtCUwrcARAcMANZNJAeYp90M=",
} as const;

function packageOf(packed: Uint8Array) {
  return bytesSource(storedZip({ "pkg-x.tar.zst": packed }), "x.conda");
}

test.each(Object.entries(archives))(
  "reads files, not links, under names of any length (%s)",
  async (_, text) => {
    const source = packageOf(Buffer.from(text, "base64"));
    expect(Buffer.from(await readPackedFile(source, /^lib\/libx\.so/)).toString()).toBe(TEXT);
    const long = await readPackedFile(source, new RegExp(`^${LONG}/long$`));
    expect(Buffer.from(long).toString()).toBe("hello\n");
    expect(await messageOf(() => readPackedFile(source, /^lib\/libx\.so\.1$/))).toBe(
      "file: x.conda: expected a file ^lib\\/libx\\.so\\.1$ in the package, found none; the archive is damaged or cut short, get it again.",
    );
  },
);

test("an archive cut anywhere is refused, or read as it is", async () => {
  const whole = Buffer.from(archives.posix, "base64");
  for (let length = 0; length < whole.length; length += 3) {
    const message = await messageOf(() => readPackedFile(packageOf(whole.subarray(0, length)), /^lib\/libx/));
    expect(message).toMatch(
      /^file: x\.conda: expected (data compressed with zstd, found other bytes|a file \S+ in the package, found none); the archive|^nothing was thrown$/,
    );
  }
});

test("a damaged tar archive is refused", async () => {
  const tar = Buffer.alloc(1024);
  tar.write("a name");
  const cut = (bytes: Uint8Array) => messageOf(() => readPackedFile(packageOf(zstdFrame(bytes)), /x/));
  expect(await cut(tar)).toMatch(/expected a header at byte 0, found other bytes/);
  expect(await cut(tar.subarray(0, 100))).toMatch(/expected a header at byte 0, found the end/);
  const long = Buffer.from(tar);
  long.write("77777777777", 124);
  const sum = long.subarray(0, 512).reduce((total, byte) => total + byte, 8 * 32);
  long.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  expect(await cut(long)).toMatch(/expected a member's 8589934591 bytes at 512, found 512/);
});

test("what is no package is refused", async () => {
  const other = bytesSource(storedZip({ "other.txt": Buffer.from("x") }), "x.conda");
  expect(await messageOf(() => readPackedFile(other, /x/))).toMatch(/found no pkg-….tar.zst/);
  const made = bytesSource(condaPackage("made", { "lib/a": "b" }), "x.conda");
  expect(Buffer.from(await readPackedFile(made, /^lib\/a$/)).toString()).toBe("b");
});
