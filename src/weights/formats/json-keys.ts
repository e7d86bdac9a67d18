/**
 * Reads the keys of a JSON text. `JSON.parse` silently keeps the last of two equal keys and moves
 * keys such as `"10"` to the front, so two readers of one file could see different things.
 *
 * @returns the keys of the outermost object in their order, and the first key that occurs twice in one object, at any depth
 * @param json text that `JSON.parse` has accepted.
 */
export function jsonKeys(json: string): { top: readonly string[]; duplicate: string | undefined } {
  const top: string[] = [];
  let duplicate: string | undefined;
  const scopes: Array<Set<string> | undefined> = []; // undefined for an array
  let isKey = false; // a key follows "{" and every "," of an object
  for (let i = 0; i < json.length; i++) {
    const char = json[i];
    if (char === "{" || char === "[") {
      scopes.push(char === "{" ? new Set() : undefined);
      isKey = char === "{";
    } else if (char === "}" || char === "]") {
      scopes.pop();
    } else if (char === ",") {
      isKey = scopes.at(-1) !== undefined;
    } else if (char === '"') {
      const end = endOfString(json, i);
      if (isKey) {
        const key = String(JSON.parse(json.slice(i, end)));
        const scope = scopes.at(-1);
        if (scope?.has(key)) duplicate ??= key;
        scope?.add(key);
        if (scopes.length === 1) top.push(key);
        isKey = false;
      }
      i = end - 1;
    }
  }
  return { top, duplicate };
}

/** Index after the closing quote of the string that opens at `start`. */
function endOfString(json: string, start: number): number {
  let i = start + 1;
  while (json[i] !== '"') i += json[i] === "\\" ? 2 : 1;
  return i + 1;
}
