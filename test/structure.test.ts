import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Lines that a function may have: it is to be seen whole. */
const MAX_LINES = 60;
/** Source files that a folder may hold; operators, one a file, aside. */
const MAX_FILES = 25;

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => /\.m?[tj]s$/.test(file) && !/\.test\.ts$/.test(file))
    .map((file) => join(folder, file));
}

/** The functions of a source text that are too long, as `line: name (lines)`. */
function longFunctions(text: string, max = MAX_LINES): string[] {
  const file = ts.createSourceFile("source.ts", text, ts.ScriptTarget.Latest, true);
  const lineOf = (position: number) => file.getLineAndCharacterOfPosition(position).line + 1;
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const first = lineOf(node.getStart(file));
    const lines = lineOf(node.end) - first + 1;
    if (ts.isFunctionLike(node) && lines > max) {
      found.push(`${first}: ${nameOf(node, file)} (${lines})`);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function nameOf(node: ts.SignatureDeclaration, file: ts.SourceFile): string {
  const named = ts.isVariableDeclaration(node.parent) ? node.parent : node;
  return named.name?.getText(file) ?? "a function without a name";
}

it("finds long functions, methods and arrow functions, and no others", () => {
  const body = "\n".repeat(4);
  const text = `function a() {${body}}\nclass C { b() {${body}} }\nconst c = () => {${body}};\nconst d = [${body}];`;
  expect(longFunctions(text, 4)).toEqual(["1: a (5)", "6: b (5)", "11: c (5)"]);
});

it(`no function has more than ${MAX_LINES} lines`, () => {
  const found = ["src", "bench", "scripts"]
    .flatMap(sources)
    .flatMap((file) =>
      longFunctions(readFileSync(join(root, file), "utf8")).map((where) => `${file}:${where}`),
    );
  expect(found).toEqual([]);
});

it(`no folder has more than ${MAX_FILES} source files`, () => {
  const counts = new Map<string, number>();
  for (const file of sources("src")) counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1);
  counts.delete(join("src", "ops"));
  expect([...counts].filter(([, count]) => count > MAX_FILES)).toEqual([]);
});
