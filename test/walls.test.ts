import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const copy = mkdtempSync(join(tmpdir(), "senet-walls-"));
afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** One file for each way through a wall, and the rule that stops it. */
const violations: readonly [rule: string, file: string, content: string][] = [
  ["ir-imports-only-from-below", "src/ir/seed.ts", 'import "../cli/main.ts";'],
  ["passes/graph-imports-only-from-below", "src/passes/graph/seed.ts", 'import "../se/match-se.ts";'],
  ["data/images-imports-only-from-below", "src/data/images/seed.ts", 'import "../loader/batches.ts";'],
  ["files-imports-only-from-below", "src/files/seed.ts", 'import "../entries/index.ts";'],
  ["every-folder-is-listed", "src/attic/seed.ts", 'import "../base/errors.ts";'],
  ["every-folder-is-listed", "src/seed.ts", 'import "./base/errors.ts";'],
  ["no-entry-has-the-command-line", "src/entries/seed-cli.ts", 'import "../cli/main.ts";'],
  ["browser-files-without-node", "src/entries/seed.ts", 'import "../runtime/node.ts";'],
  ["browser-files-without-node", "src/analysis/seed.ts", 'import "../files/read-whole-node.ts";'],
  ["every-folder-is-listed", "src/passes/attic/seed.ts", 'import "../../base/errors.ts";'],
  ["every-folder-is-listed", "src/attic/alone.ts", "export const alone = 1;"],
  ["every-folder-is-listed", "src/ops/seed-attic.ts", 'import "../attic/leaf.ts";'],
  ["browser-files-without-node", "src/entries/seed-entry.ts", 'import "./node.ts";'],
  ["onnxruntime-node-only-in-runtime", "src/train/seed-node.ts", 'import "onnxruntime-node";'],
  ["sharp-only-in-data/images", "src/cli/seed.ts", 'import "sharp";'],
  ["every-library-has-an-owner", "src/base/seed.ts", 'import "typescript";'],
  ["node-only-in-node-files", "src/models/seed.ts", 'import "node:fs";'],
  ["no-cycles", "src/nn/seed-again.ts", 'import "./seed.ts";'],
  ["nothing-outside-src", "src/report/seed.ts", 'import "../../bench/main.ts";'],
  ["resolvable", "src/ops/seed.ts", 'import "./nowhere.ts";'],
];

function check(): { status: number | null; output: string } {
  const tool = join(root, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs");
  const args = [tool, "--config", ".dependency-cruiser.mjs", "src"];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: copy, encoding: "utf8" });
  return { status, output: stdout + stderr };
}

describe("walls", () => {
  let seeded: ReturnType<typeof check>;
  beforeAll(async () => {
    for (const name of ["src", "bench", "test", "package.json", "tsconfig.json", ".dependency-cruiser.mjs"]) {
      cpSync(join(root, name), join(copy, name), { recursive: true });
    }
    symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
    expect(check()).toMatchObject({ status: 0 });
    for (const [, file, content] of violations) {
      await mkdir(dirname(join(copy, file)), { recursive: true });
      writeFileSync(join(copy, file), content);
    }
    writeFileSync(join(copy, "src/attic/leaf.ts"), "export const leaf = 1;");
    writeFileSync(join(copy, "src/nn/seed.ts"), 'import "./seed-again.ts";');
    seeded = check();
  });

  it("fail when something climbs over", () => expect(seeded.status).not.toBe(0));

  it.each(violations)("%s: %s", (rule, file) => {
    expect(seeded.output.split(/\s+/).join(" ")).toContain(`error ${rule}: ${file} `);
  });
});
