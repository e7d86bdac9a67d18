export const SVG = "http://www.w3.org/2000/svg";
/** Pixels between the baselines of two labels. */
const LABEL_GAP = 15;
const LABEL_CHARACTERS = 24;
/** An estimate, in pixels: nothing here can measure text. */
export const CHARACTER_WIDTH = 7.2;

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
 * Positions in rising order, at least `LABEL_GAP` apart and none below `bottom`, each cluster of neighbors
 * centered on where it wanted to be.
 */
export function spread(wanted: readonly number[], bottom: number): number[] {
  const centered = (center: number, count: number) => ({
    center: Math.min(center, bottom - (LABEL_GAP * (count - 1)) / 2),
    count,
  });
  const clusters: Array<{ center: number; count: number }> = [];
  for (const y of wanted) {
    let cluster = centered(y, 1);
    let above = clusters.at(-1);
    while (
      above !== undefined &&
      cluster.center - above.center < (LABEL_GAP * (cluster.count + above.count)) / 2
    ) {
      clusters.pop();
      const count = cluster.count + above.count;
      cluster = centered((above.center * above.count + cluster.center * cluster.count) / count, count);
      above = clusters.at(-1);
    }
    clusters.push(cluster);
  }
  return clusters.flatMap(({ center, count }) =>
    Array.from({ length: count }, (_, i) => center + LABEL_GAP * (i - (count - 1) / 2)),
  );
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

/** A name of at most `max` characters. */
export function shorten(name: string, max = LABEL_CHARACTERS): string {
  const characters = [...name]; // not name.slice, which could cut an emoji in half
  if (characters.length <= max) return name;
  return `${characters.slice(0, max - 1).join("")}…`;
}

/** A length in pixels, to a tenth. */
export function fixed(pixels: number): string {
  return String(Math.round(pixels * 10) / 10);
}
