import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildCli, senet } from "./support/cli.ts";
import { temporaryFolder } from "./support/data-fixtures.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const readme = readFileSync(join(root, "README.md"), "utf8");

/** Contents of the README's fenced blocks of one language, in order. */
function blocks(language: string): string[] {
  const fences = [...readme.matchAll(/^```(\w*)\n(.*?)^```$/gms)];
  return fences.filter(([, name]) => name === language).map(([, , text]) => text);
}

const commands = blocks("sh")
  .flatMap((block) => block.trim().split("\n"))
  .filter((line) => line.startsWith("npx senet "))
  .map((line) => line.replace("npx senet ", "").split(" "));

describe("README", () => {
  const folder = temporaryFolder();
  beforeAll(() => buildCli(), 60_000);
  afterAll(() => folder.remove());

  it("shows commands", () => expect(commands.length).toBeGreaterThanOrEqual(5));

  it.each(commands.map((args) => [args.join(" "), args] as const))(
    "senet %s",
    { timeout: 180_000 },
    async (_, args) => {
      const { status, stdout, stderr } = await senet(folder.path, args);
      expect(status, stderr).toBe(0);
      expect(stdout).not.toBe("");
    },
  );

  it("prints what its example says", { timeout: 60_000 }, () => {
    const [example] = blocks("ts");
    const [output] = blocks("").filter((block) => block.includes("parameters:"));
    // Inside the package, so that the package's own name is found.
    const scratch = mkdtempSync(join(root, ".readme-"));
    try {
      const file = join(scratch, "example.ts");
      writeFileSync(file, example);
      const found = execFileSync(process.execPath, ["--import", "tsx", file], {
        cwd: root,
        encoding: "utf8",
      });
      expect(found.trim()).toBe(output.trim());
    } finally {
      rmSync(scratch, { recursive: true });
    }
  });

  it("shows the paper's tables as they are printed", async () => {
    const { stdout } = await senet(folder.path, ["complexity", "--paper"]);
    expect(readFileSync(join(root, "docs/complexity.md"), "utf8")).toContain(stdout.trim());
  });

  it("links only to files that exist", () => {
    const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, path]) => path);
    expect(links.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});
