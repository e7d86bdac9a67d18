import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (path: string) => readFileSync(join(root, path), "utf8");
const documents = readdirSync(root, { recursive: false })
  .concat(readdirSync(join(root, "docs")).map((name) => `docs/${name}`))
  .map(String)
  .filter((name) => name.endsWith(".md"));

describe.each(documents)("%s", (document) => {
  it("names only files that exist", () => {
    const names = [...read(document).matchAll(/`((?:src|test|scripts|bench|assets|docs)\/[\w./-]*)/g)];
    expect(names.filter(([, path]) => !existsSync(join(root, path))).map(([, path]) => path)).toEqual([]);
  });

  it("links only to files and sections that exist", () => {
    const links = [...read(document).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)];
    const broken = links.filter(([, path, section]) => {
      const target = path === "" ? document : join(document, "..", path);
      if (!existsSync(join(root, target))) return true;
      return section !== undefined && !sections(read(target)).includes(section);
    });
    expect(broken.map(([link]) => link)).toEqual([]);
  });

  it("imports only what the package exports", async () => {
    const imports = [...read(document).matchAll(/^import \{(.+?)\} from "senet(?:\/(\w+))?"/gm)];
    for (const [, names, entry = "index"] of imports) {
      const exported = Object.keys(await import(`../src/entries/${entry}.ts`));
      expect(exported).toEqual(expect.arrayContaining(names.trim().split(/,\s*/)));
    }
  });
});

/** The anchors that GitHub gives to headings. */
function sections(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

it("ARCHITECTURE.md lists the rooms of .dependency-cruiser.mjs in their order", () => {
  const [, list] = read(".dependency-cruiser.mjs").match(/^const rooms = \[(.*?)\]/ms) ?? [];
  const rooms = [...list.matchAll(/"(.*)"/g)].map(([, room]) => room);
  const listed = [...read("ARCHITECTURE.md").matchAll(/^\| `src\/(.*)\/` \|/gm)].map(([, room]) => room);
  expect(listed).toEqual(rooms);
});
