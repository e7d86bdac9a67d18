import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, it } from "vitest";

const source = fileURLToPath(new URL("../src", import.meta.url));

/** Everything that loading a module loads: files of ours, and the names of packages. Types load nothing, `import()` waits. */
function loadedBy(entry: string): { files: Set<string>; packages: Set<string> } {
  const files = new Set<string>();
  const packages = new Set<string>();
  const visit = (file: string) => {
    if (files.has(file)) return;
    files.add(file);
    for (const name of importsOf(file)) {
      if (name.startsWith(".")) visit(join(dirname(file), name));
      else packages.add(name);
    }
  };
  visit(join(source, entry));
  return { files, packages };
}

const known = new Map<string, readonly string[]>();

function importsOf(file: string): readonly string[] {
  const found = known.get(file);
  if (found) return found;
  const { outputText } = ts.transpileModule(readFileSync(file, "utf8"), {
    compilerOptions: {
      module: ts.ModuleKind.ESNext,
      target: ts.ScriptTarget.ES2023,
      verbatimModuleSyntax: true,
    },
  });
  const imports = ts.preProcessFile(withoutLazy(outputText)).importedFiles.map(({ fileName }) => fileName);
  known.set(file, imports);
  return imports;
}

function withoutLazy(code: string): string {
  return code.replace(/\bimport\(/g, "lazily(");
}

it.each([
  ["index", ["@bufbuild/protobuf", "@bufbuild/protobuf/wire", "onnx-buf"]],
  ["analysis", []],
  ["graph", []],
  ["models", []],
  ["nn", []],
  ["passes", []],
  ["train", []],
  ["weights", ["zod"]],
])(
  "the entry `%s` runs in browsers: nothing it loads needs Node, sharp or onnxruntime",
  (entry, expected) => {
    const { files, packages } = loadedBy(`entries/${entry}.ts`);
    expect(files.size).toBeGreaterThan(10);
    expect([...packages].sort()).toEqual(expected);
  },
);

it("help and usage errors load nothing heavy", () => {
  expect([...loadedBy("cli/main.ts").packages].sort()).toEqual(["commander", "node:fs"]);
  const commands = readdirSync(join(source, "cli")).filter((name) => !/^(main\.ts|shared)$/.test(name));
  expect(commands.length).toBeGreaterThan(10);
  for (const name of commands) {
    const { packages } = loadedBy(`cli/${name}/command.ts`);
    expect([name, [...packages].filter((one) => one !== "commander")]).toEqual([name, []]);
  }
});

it("`senet/node` loads what needs Node", () => {
  expect([...loadedBy("entries/node.ts").packages]).toContain("onnxruntime-node");
});
