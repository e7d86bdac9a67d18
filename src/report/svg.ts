import { cleanText } from "./clean-text.ts";

export const SVG = "http://www.w3.org/2000/svg";
/** Pixels between the baselines of two labels. */
const LABEL_GAP = 15;
const LABEL_CHARACTERS = 24;
/** An estimate, in pixels: nothing here can measure text. */
const CHARACTER_WIDTH = 7.2;

/** The little of the DOM used here; its library would put `window` and `document` in scope everywhere. */
export interface SvgElement {
  textContent: string | null;
  readonly outerHTML: string;
  setAttribute(name: string, value: string): void;
  append(child: SvgElement): void;
  prepend(child: SvgElement): void;
  remove(): void;
  querySelectorAll(selector: string): Iterable<SvgElement>;
}
export interface SvgDocument {
  createElementNS(namespace: string, name: string): SvgElement;
}

/**
 * Labels from top to bottom, each with the `height` where it stands: at least `LABEL_GAP` apart and none below `bottom`, each cluster of
 * neighbors centered on where it wanted to be.
 */
export function spread<T extends { readonly y: number }>(
  labels: readonly T[],
  bottom: number,
): (T & { readonly height: number })[] {
  const sorted = labels.toSorted((a, b) => a.y - b.y);
  const centered = (center: number, count: number) => ({
    center: Math.min(center, bottom - (LABEL_GAP * (count - 1)) / 2),
    count,
  });
  const clusters: Array<{ center: number; count: number }> = [];
  for (const { y } of sorted) {
    let cluster = centered(y, 1);
    for (;;) {
      const above = clusters.at(-1);
      const count = cluster.count + (above?.count ?? 0);
      if (!above || cluster.center - above.center >= (LABEL_GAP * count) / 2) break;
      clusters.pop();
      cluster = centered((above.center * above.count + cluster.center * cluster.count) / count, count);
    }
    clusters.push(cluster);
  }
  const heights = clusters.flatMap(({ center, count }) =>
    Array.from({ length: count }, (_, i) => center + LABEL_GAP * (i - (count - 1) / 2)),
  );
  return sorted.map((label, i) => ({ ...label, height: heights[i] }));
}

/** An SVG element with attributes and text. */
export function element(
  document: SvgDocument,
  name: string,
  attributes: Readonly<Record<string, string>>,
  text = "",
): SvgElement {
  const created = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) created.setAttribute(key, value);
  created.textContent = text;
  return created;
}

/** A name of at most `max` characters, none of them a control character. */
export function shorten(name: string, max = LABEL_CHARACTERS): string {
  const characters = [...cleanText(name)]; // not name.slice, which could cut an emoji in half
  return characters.length <= max ? characters.join("") : `${characters.slice(0, max - 1).join("")}…`;
}

/** Pixels that the longest of some names takes. */
export function widthOf(names: readonly string[]): number {
  return CHARACTER_WIDTH * Math.max(0, ...names.map(({ length }) => length));
}

/** A length in pixels, to a tenth. */
export function fixed(pixels: number): string {
  return String(Math.round(pixels * 10) / 10);
}
