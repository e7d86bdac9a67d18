import { execFileSync } from "node:child_process";
import { symlinkSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { messageOf, temporaryFolder } from "../../test/support/data-fixtures.ts";
import { needs } from "../../test/support/needs.ts";
import { readDataFile } from "./read-file-node.ts";

test("a device is read as far as the limit, a pipe to its end", async (context) => {
  needs(context, "devices and pipes", process.platform !== "win32");
  const { path, remove } = temporaryFolder({});
  try {
    symlinkSync("/dev/zero", `${path}/zeros`);
    expect(await messageOf(() => readDataFile(`${path}/zeros`, 1000), path)).toBe(
      "data: DIR/zeros: expected a file of at most 1000 bytes, found more; use a smaller file.",
    );
    execFileSync("mkfifo", [`${path}/pipe`]);
    const found = readDataFile(`${path}/pipe`, 5);
    writeFileSync(`${path}/pipe`, "hello");
    expect(Buffer.from(await found).toString()).toBe("hello");
  } finally {
    remove();
  }
});
