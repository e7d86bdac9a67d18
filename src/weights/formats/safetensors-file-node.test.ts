import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, test } from "vitest";
import { needs } from "../../../test/support/needs.ts";
import { mountTinyDisk } from "../../../test/support/tiny-disk.ts";
import { writeFileAtomic } from "../../files/write-file-atomic-node.ts";
import { tensor, zeros } from "../../ir/tensor.ts";
import { readSafetensorsFile, writeSafetensorsFile } from "./safetensors-file-node.ts";

const root = mkdtempSync(join(tmpdir(), "senet-files-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A fresh folder, so that a test can say exactly what is left in it. */
function folder(name: string): string {
  const path = join(root, name);
  mkdirSync(path);
  return path;
}

describe("writeFileAtomic", () => {
  test("writes chunks and strings in order, over an old file, and leaves nothing else", async () => {
    const home = folder("plain");
    const path = join(home, "a.bin");
    await writeFileAtomic(path, ["a much longer old content"]);
    await writeFileAtomic(path, [Uint8Array.of(104, 105), " é"]);
    expect(readFileSync(path, "utf8")).toBe("hi é");
    expect(readdirSync(home)).toEqual(["a.bin"]);
  });

  test("keeps the old file and removes the temporary one when the chunks fail half-way", async () => {
    const home = folder("half");
    const path = join(home, "a.bin");
    writeFileSync(path, "old");
    const cause = new Error("the producer broke");
    async function* broken() {
      yield "new";
      expect(readdirSync(home)).toHaveLength(2); // the temporary file is there, beside the old one
      throw cause;
    }
    await expect(writeFileAtomic(path, broken())).rejects.toBe(cause);
    expect(readFileSync(path, "utf8")).toBe("old");
    expect(readdirSync(home)).toEqual(["a.bin"]);
  });

  test("says what is wrong with a path, in one sentence", async () => {
    const home = folder("paths");
    writeFileSync(join(home, "file"), "");
    const refusal = async (path: string) =>
      writeFileAtomic(path, ["x"]).then(
        () => "written",
        (error: unknown) => error,
      );
    expect(await refusal(join(home, "no/a.bin"))).toMatchObject({
      code: "file",
      message: `${home}/no/a.bin: expected an existing folder to write into, found none; create it first.`,
    });
    expect(await refusal(join(home, "file/a.bin"))).toMatchObject({
      code: "file",
      message: `${home}/file/a.bin: expected a folder before the last "/", found a file; check the path.`,
    });
    expect(await refusal(home)).toMatchObject({
      code: "file",
      message: `${home}: expected a file or nothing, found a folder; choose another path.`,
    });
    expect(await refusal("/dev/null")).toMatchObject({
      code: "file",
      message: "/dev/null: expected a file or nothing, found a device or pipe; choose another path.",
    });
  });
});

test("a full disk (a real one, of 64 KiB) keeps the old file and says so", async (context) => {
  const disk = folder("disk");
  needs(context, "Linux and root, to mount a tmpfs", mountTinyDisk(disk, 64));
  try {
    const path = join(disk, "best.safetensors");
    await writeSafetensorsFile(path, new Map([["w", tensor([2], [1, 2])]]));
    await expect(writeSafetensorsFile(path, new Map([["w", zeros([1 << 20])]]))).rejects.toMatchObject({
      code: "file",
      message: `disk full: ${path} could not be written; free some space and run again, nothing was changed.`,
    });
    expect(readdirSync(disk)).toEqual(["best.safetensors"]);
    expect((await readSafetensorsFile(path)).tensors.get("w")).toEqual(tensor([2], [1, 2]));
  } finally {
    execFileSync("umount", [disk]);
  }
});

describe("safetensors files", () => {
  test("are read as they were written", async () => {
    const path = join(root, "round.safetensors");
    const tensors = new Map([
      ["fc.weight", tensor([2, 2], [1, 2, 3, Number.NaN])],
      ["mask", tensor([3], [1, 0, 1], "bool")],
      ["steps", tensor([], BigInt64Array.of(7n), "int64")],
    ]);
    await writeSafetensorsFile(path, tensors, { epoch: "3" });
    expect(await readSafetensorsFile(path)).toEqual({ tensors, metadata: { epoch: "3" } });
  });

  test("are refused by name when missing, cut short or no file", async () => {
    const path = join(root, "bad.safetensors");
    await expect(readSafetensorsFile(path)).rejects.toMatchObject({
      code: "file",
      message: `${path}: expected a file, found nothing; check the path.`,
    });
    await writeSafetensorsFile(path, new Map([["w", zeros([4])]]));
    writeFileSync(path, readFileSync(path).subarray(0, -1));
    await expect(readSafetensorsFile(path)).rejects.toMatchObject({
      code: "file",
      message: `${path}: tensor "w": expected 16 bytes of data, found only 15; the file is damaged, cut short or not safetensors, get it again.`,
    });
    await expect(readSafetensorsFile(root)).rejects.toMatchObject({
      code: "file",
      message: `${root}: expected a file, found a folder; give the path of a file.`,
    });
  });

  test("are old or new, never torn, when the writer is killed", { timeout: 60_000 }, async () => {
    const home = folder("killed");
    const path = join(home, "w.safetensors");
    let last = 0;
    for (const delay of [0, 7, 23, 41]) {
      const killedAfter = await killWhileWriting(path, last + 1, delay);
      const { tensors, metadata } = await readSafetensorsFile(path);
      const version = Number(metadata.version);
      expect(new Set(Array.from(tensors.get("w")?.data ?? [], Number))).toEqual(new Set([version]));
      // Everything reported as written is there; the write in flight may be.
      expect(version === killedAfter || version === killedAfter + 1).toBe(true);
      last = version;
    }
    expect(readdirSync(home).filter((name) => !name.endsWith(".tmp"))).toEqual(["w.safetensors"]);
  });
});

/** Starts a process that writes version after version, kills it, and returns the last version it reported. */
async function killWhileWriting(path: string, first: number, delayMs: number): Promise<number> {
  const code = `
    import { writeSafetensorsFile } from ${JSON.stringify(new URL("./safetensors-file-node.ts", import.meta.url).href)};
    for (let version = ${first}; ; version++) {
      const data = new Float32Array(500_000).fill(version);
      const tensors = new Map([["w", { dtype: "float32", shape: [data.length], data }]]);
      await writeSafetensorsFile(${JSON.stringify(path)}, tensors, { version: String(version) });
      process.stdout.write(version + "\\n");
    }`;
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", code], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  const closed = once(child, "close");
  await Promise.race([once(child.stdout, "data"), closed]); // the first version is on the disk
  await sleep(delayMs);
  child.kill("SIGKILL");
  await closed;
  return Number(output.trim().split("\n").at(-1));
}
