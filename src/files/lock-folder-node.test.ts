import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { messageOf, temporaryFolder } from "../../test/support/data-fixtures.ts";
import { needs } from "../../test/support/needs.ts";
import { mountTinyDisk } from "../../test/support/tiny-disk.ts";
import { lockFolder } from "./lock-folder-node.ts";

const folder = temporaryFolder();
afterAll(() => folder.remove());
const lockOf = (name: string, holder: unknown) => {
  folder.write({ [`${name}/.lock`]: JSON.stringify(holder) });
  return join(folder.path, name);
};

it("is refused while another process lives, or on another machine", async () => {
  const alive = lockOf("alive", { pid: process.ppid, host: hostname() });
  expect(await messageOf(() => lockFolder(alive))).toBe(
    `busy: ${alive}: expected no other process at work in it, found the lock of process ${process.ppid} on ${hostname()}; wait for it, choose another folder, or remove ${alive}/.lock if no such process runs any more.`,
  );
  const elsewhere = lockOf("elsewhere", { pid: 1, host: "another-machine" });
  expect(await messageOf(() => lockFolder(elsewhere))).toMatch(/process 1 on another-machine/);
  expect(await messageOf(() => lockFolder(lockOf("torn", "")))).toMatch(/the lock of another process;/);
});

it("is taken over from a process that was killed, and given free", async () => {
  const { pid } = spawnSync(process.execPath, ["--version"]);
  const dead = lockOf("dead", { pid, host: hostname() });
  const lock = await lockFolder(dead);
  expect(existsSync(join(dead, ".lock"))).toBe(true);
  await lock.dispose();
  expect(existsSync(join(dead, ".lock"))).toBe(false);
});

it("leaves nothing behind on a full disk", async (context) => {
  const disk = join(folder.path, "disk");
  mkdirSync(disk);
  needs(context, "Linux and root, to mount a tmpfs", mountTinyDisk(disk, 4));
  try {
    writeFileSync(join(disk, "full"), new Uint8Array(4096));
    expect(await messageOf(() => lockFolder(disk))).toMatch(/^file: disk full: /);
    expect(readdirSync(disk)).toEqual(["full"]);
    rmSync(join(disk, "full"));
    await (await lockFolder(disk)).dispose();
  } finally {
    execFileSync("umount", [disk]);
  }
});
