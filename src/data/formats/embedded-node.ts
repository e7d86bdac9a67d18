import { fileURLToPath } from "node:url";

/** Data sets that come with the package, by name; each is a folder under `assets/`. */
export const EMBEDDED = ["fashion-mnist-mini"] as const;

/**
 * The folder of an embedded data set, or `undefined` when there is none of that name. Both `src/data/formats/` and
 * `dist/data/formats/` lie three levels below the package's root.
 */
export function embeddedFolder(name: string): string | undefined {
  if (!EMBEDDED.some((known) => known === name)) return undefined;
  return fileURLToPath(new URL(`../../../assets/${name}`, import.meta.url));
}
