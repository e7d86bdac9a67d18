import { readFileSync, writeFileSync } from "node:fs";

/** The part of a document between `<!-- NAME -->` and `<!-- /NAME -->`, without them. */
export function readSection(file: URL, name: string): string {
  const [, begin, end] = marks(readFileSync(file, "utf8"), file, name);
  return begin.slice(0, end).trim();
}

/** Replaces that part and leaves the rest as it is. */
export function writeSection(file: URL, name: string, content: string): void {
  const [before, rest, end] = marks(readFileSync(file, "utf8"), file, name);
  writeFileSync(file, `${before}\n\n${content.trim()}\n\n${rest.slice(end)}`);
}

/** The text before the section's content, the rest, and the length of the content in it. */
function marks(text: string, file: URL, name: string): [string, string, number] {
  const begin = `<!-- ${name} -->`;
  const start = text.indexOf(begin) + begin.length;
  const rest = text.slice(start);
  const end = rest.indexOf(`<!-- /${name} -->`);
  if (start < begin.length || end < 0) throw new Error(`${file.pathname}: expected a section "${name}".`);
  return [text.slice(0, start), rest, end];
}
