import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildCli } from "./support/cli.ts";
import { compile, consumerFolder, packPackage } from "./support/consumer.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

describe("the packed package, in an empty folder", () => {
  let folder: string;
  const senet = (...parts: string[]) => join(folder, "node_modules/senet", ...parts);
  const node = (...args: string[]) => execFileSync(process.execPath, args, { cwd: folder, encoding: "utf8" });

  beforeAll(async () => {
    buildCli();
    folder = await consumerFolder();
    const archive = await packPackage(folder);
    mkdirSync(senet());
    execFileSync("tar", ["-xzf", archive, "-C", senet(), "--strip-components=1"]);
    // Installing would ask the registry: what the package declares, and nothing else, is linked.
    const { dependencies } = JSON.parse(readFileSync(senet("package.json"), "utf8"));
    for (const name of [...Object.keys(dependencies), "@types/node"]) {
      const link = join(folder, "node_modules", name);
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(join(root, "node_modules", name), link, "junction");
    }
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("holds what runs, its types and its assets, and no tests", () => {
    const files = readdirSync(senet(), { recursive: true }).map(String);
    expect(files.filter((file) => /\.test\.|^(src|test|docs)\b/.test(file))).toEqual([]);
    for (const file of ["dist/cli/main.js", "assets/imagenet-1k/classes.txt", "README.md", "LICENSE"]) {
      expect(existsSync(senet(file)), file).toBe(true);
    }
  });

  // TypeScript 6 leaves the ending of an `import()` as it is in functions that it rewrites for `using`; only the build shows it.
  it("imports no TypeScript", () => {
    const files = readdirSync(senet("dist"), { recursive: true }).map(String);
    const code = files.filter((file) => file.endsWith(".js"));
    expect(code.length).toBeGreaterThan(300);
    const imports = /(?:from |import\(?)\s*["'`]\.{1,2}\/[^"'`]*\.ts["'`]/;
    expect(code.filter((file) => imports.test(readFileSync(senet("dist", file), "utf8")))).toEqual([]);
  });

  it("gives programs types, for a browser without those of Node, and does what they say", async () => {
    await Promise.all([compile(folder), compile(folder, "tsconfig.browser.json")]);
    expect(node("program.js")).toBe("done\n");
  });

  it("has the command", () => {
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    expect(node(senet("dist/cli/main.js"), "--version").trim()).toBe(version);
  });
});
