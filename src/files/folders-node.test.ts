import { existsSync, symlinkSync } from "node:fs";
import { expect, test } from "vitest";
import { messageOf, temporaryFolder } from "../../test/support/data-fixtures.ts";
import { needs } from "../../test/support/needs.ts";
import { makeFolder } from "./folders-node.ts";

test("no folder is made where a link leads nowhere, and the call returns", async (context) => {
  needs(context, "symbolic links", process.platform !== "win32");
  const { path, remove } = temporaryFolder({});
  try {
    symlinkSync(`${path}/absent`, `${path}/link`);
    expect(await messageOf(() => makeFolder(`${path}/link`), path)).toBe(
      "file: DIR/link: expected a folder or nothing, found a link to nothing; choose another folder.",
    );
    expect(await makeFolder(`${path}/a/b`)).toBe(`${path}/a`);
    expect(existsSync(`${path}/a/b`)).toBe(true);
  } finally {
    remove();
  }
});
