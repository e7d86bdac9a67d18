import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(root, "src/entries");
const entries = readdirSync(folder).map((file) => file.replace(".ts", ""));

/** Exported things without a summary, and functions without an example, each with its file. */
function undocumented(): string[] {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: ["src/entries"] }, ts.sys, root);
  const program = ts.createProgram(
    entries.map((entry) => join(folder, `${entry}.ts`)),
    options,
  );
  const checker = program.getTypeChecker();
  const missing = new Set<string>();
  for (const entry of entries) {
    const source = program.getSourceFile(join(folder, `${entry}.ts`));
    const module = source && checker.getSymbolAtLocation(source);
    if (!module) throw new Error(`${entry} exports nothing`);
    for (const exported of checker.getExportsOfModule(module)) {
      const symbol = checker.getAliasedSymbol(exported);
      const where = symbol.declarations?.[0].getSourceFile().fileName.slice(root.length);
      if (symbol.getDocumentationComment(checker).length === 0)
        missing.add(`${symbol.name} (${where}): summary`);
      const hasExample = symbol.getJsDocTags(checker).some(({ name }) => name === "example");
      if (symbol.declarations?.some(ts.isFunctionDeclaration) && !hasExample)
        missing.add(`${symbol.name} (${where}): @example`);
    }
  }
  return [...missing];
}

describe("entries", () => {
  it("package.json lists each", () => {
    const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    const listed = Object.values<{ default?: string }>(exports).flatMap((target) => target.default ?? []);
    expect(listed.sort()).toEqual(entries.map((entry) => `./dist/entries/${entry}.js`).sort());
  });

  it.each(entries)("%s reads in one screen", (entry) => {
    const text = readFileSync(join(folder, `${entry}.ts`), "utf8");
    expect(text.split("\n").length).toBeLessThanOrEqual(60);
    expect(text).toMatch(/^\/\*\*\n(?: \*.*\n)+ \* @example\n(?: \*.*\n)+ \* @module\n \*\/\n/);
  });

  it("everything that is exported has a docstring, functions with an example", () => {
    expect(undocumented()).toEqual([]);
  });
});
