import { readFileSync } from "node:fs";
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
    const { outputText } = ts.transpileModule(readFileSync(file, "utf8"), {
      compilerOptions: {
        module: ts.ModuleKind.ESNext,
        target: ts.ScriptTarget.ES2023,
        verbatimModuleSyntax: true,
      },
    });
    for (const { fileName } of ts.preProcessFile(withoutLazy(outputText)).importedFiles) {
      if (fileName.startsWith(".")) visit(join(dirname(file), fileName));
      else packages.add(fileName);
    }
  };
  visit(join(source, entry));
  return { files, packages };
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
  const { packages } = loadedBy("cli/main.ts");
  expect([...packages].sort()).toEqual(["commander", "node:fs"]);
});

it("`senet/node` loads what needs Node", () => {
  expect([...loadedBy("entries/node.ts").packages]).toContain("onnxruntime-node");
});
