import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { cleanText } from "./clean-text.ts";

/** One line of a chart. Points that are not finite (a loss that became NaN) leave a gap. */
export interface Series {
  readonly name: string;
  readonly points: ReadonlyArray<readonly [x: number, y: number]>;
}

/** What a chart shows and how large it is, in CSS pixels. */
export interface LineChartOptions {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  /** @default 540 */
  readonly width?: number;
  /** @default 320 */
  readonly height?: number;
}

/**
 * Colours of the series on white, after Okabe and Ito (2008), darkened until text in them reads well (contrast
 * of 4.5 and more). Told apart with any colour vision; in print without colour, the dashes tell.
 */
const COLOURS = ["#0072b2", "#c04e00", "#007a5e", "#8e4585", "#595959"];
const DASHES = ["none", "6 3", "2 3", "9 3 2 3"];

const BOTTOM = 42; // pixels under the plot, for ticks and the label
const LABEL_GAP = 15; // pixels between the baselines of two end labels
const LABEL_CHARACTERS = 24;
const CHARACTER_WIDTH = 7.2; // an estimate: nothing here can measure text
const GRID = { ticks: 6, strokeOpacity: 0.14 };
const NO_AXIS = { domain: [0, 1], axis: null };
const SVG = "http://www.w3.org/2000/svg";

/** The little of the DOM used here; its library would put `window` and `document` in scope everywhere. */
interface SvgElement {
  textContent: string | null;
  readonly outerHTML: string;
  setAttribute(name: string, value: string): void;
  append(child: SvgElement): void;
  prepend(child: SvgElement): void;
  remove(): void;
  querySelectorAll(selector: string): Iterable<SvgElement>;
}
interface SvgDocument {
  createElementNS(namespace: string, name: string): SvgElement;
}

/**
 * A line chart as one SVG element, labelled directly at the ends of its lines. Text and axes take the colour
 * of the page around it; the groups of series i have the class `series-i` and take CSS `color`.
 *
 * @example lineChart([{ name: "resnet20", points: [[1, 62.1], [2, 70.4]] }], { title: "Test accuracy", xLabel: "epoch", yLabel: "accuracy (%)" })
 */
export function lineChart(series: readonly Series[], options: LineChartOptions): string {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const lines = series.map(({ name, points }) => ({
    name: shorten(cleanText(name)),
    points: points.map(([x, y]): [number, number] => [x, Number.isFinite(x) ? y : Number.NaN]),
    end: points.findLast(([x, y]) => Number.isFinite(x) && Number.isFinite(y)),
  }));
  const longest = Math.max(0, ...lines.map(({ name }) => name.length));
  const xs = series.flatMap(({ points }) => points.map(([x]) => x)).filter(Number.isFinite);
  const isEmpty = lines.every(({ end }) => end === undefined);
  const height = options.height ?? 320;
  const svg: SvgElement = Plot.plot({
    document,
    width: options.width ?? 540,
    height,
    marginTop: 58,
    marginBottom: BOTTOM,
    marginLeft: 44,
    marginRight: 20 + longest * CHARACTER_WIDTH,
    style: { fontSize: "12px" },
    x: {
      ...(isEmpty ? NO_AXIS : xAxis(xs)),
      label: cleanText(options.xLabel),
      labelAnchor: "center",
      labelArrow: "none",
    },
    y: { nice: true, label: null, tickSize: 0, ticks: 6, ...(isEmpty ? NO_AXIS : {}) },
    marks: [
      ...(isEmpty ? [Plot.text(["no data yet"], { frameAnchor: "middle" })] : [Plot.gridY(GRID)]),
      ...lines.map(({ points }, i) =>
        Plot.line(points, {
          className: `series-${i}`,
          stroke: "currentColor",
          strokeWidth: 2,
          strokeDasharray: DASHES[i % DASHES.length],
        }),
      ),
      ...lines.map(({ end }, i) =>
        Plot.dot(end === undefined ? [] : [end], { className: `series-${i}`, fill: "currentColor", r: 3 }),
      ),
      (_index, scales) => endLabels(document, lines, scales, height - BOTTOM - 4),
      () => heading(document, cleanText(options.title), cleanText(options.yLabel)),
    ],
  });
  lines.forEach((_, i) => {
    for (const group of svg.querySelectorAll(`.series-${i}`)) {
      group.setAttribute("color", COLOURS[i % COLOURS.length]);
    }
  });
  // Plot's rules for the page around it: ours has its own, and a chart stays plain attributes.
  for (const style of svg.querySelectorAll("style")) style.remove();
  // The accessible name is an element, not an attribute: linkedom's attributes are HTML, not XML.
  svg.prepend(element(document, "title", {}, cleanText(options.title)));
  svg.setAttribute("role", "img");
  svg.setAttribute("xmlns", SVG);
  return svg.outerHTML;
}

/** Whole ticks for whole numbers: no half epochs. */
function xAxis(xs: readonly number[]): Plot.ScaleOptions {
  const low = xs.reduce((a, b) => Math.min(a, b));
  const high = xs.reduce((a, b) => Math.max(a, b));
  if (!xs.every(Number.isInteger) || high - low > 10) return {};
  return {
    ticks: Array.from({ length: high - low + 1 }, (_, i) => low + i),
    tickFormat: "d",
    ...(low === high ? { domain: [low - 1, low + 1] } : {}),
  };
}

interface Line {
  readonly name: string;
  readonly end: readonly [number, number] | undefined;
}

/** Names beside the last points, moved apart where they would overlap. */
function endLabels(
  document: SvgDocument,
  lines: readonly Line[],
  scales: Plot.ScaleFunctions,
  bottom: number,
): SvgElement {
  const { x, y } = scales;
  const group = element(document, "g", { "text-anchor": "start", "font-weight": "600" });
  const labels = lines.flatMap(({ name, end }, i) =>
    end === undefined || x === undefined || y === undefined ? [] : [{ name, i, x: x(end[0]), y: y(end[1]) }],
  );
  labels.sort((a, b) => a.y - b.y || a.i - b.i);
  const heights = spread(
    labels.map((label) => label.y),
    bottom,
  );
  labels.forEach((label, k) => {
    const text = {
      class: `series-${label.i}`,
      fill: "currentColor",
      x: fixed(label.x + 9),
      y: fixed(heights[k]),
    };
    group.append(element(document, "text", { ...text, dy: "0.35em" }, label.name));
  });
  return group;
}

/**
 * Positions in rising order, at least `LABEL_GAP` apart and none below `bottom`, each cluster of neighbours
 * centred on where it wanted to be.
 */
function spread(wanted: readonly number[], bottom: number): number[] {
  const centred = (centre: number, count: number) => ({
    centre: Math.min(centre, bottom - (LABEL_GAP * (count - 1)) / 2),
    count,
  });
  const clusters: Array<{ centre: number; count: number }> = [];
  for (const y of wanted) {
    let cluster = centred(y, 1);
    let above = clusters.at(-1);
    while (
      above !== undefined &&
      cluster.centre - above.centre < (LABEL_GAP * (cluster.count + above.count)) / 2
    ) {
      clusters.pop();
      const count = cluster.count + above.count;
      cluster = centred((above.centre * above.count + cluster.centre * cluster.count) / count, count);
      above = clusters.at(-1);
    }
    clusters.push(cluster);
  }
  return clusters.flatMap(({ centre, count }) =>
    Array.from({ length: count }, (_, i) => centre + LABEL_GAP * (i - (count - 1) / 2)),
  );
}

/** The title, and under it what the vertical axis counts: read before the lines, and level. */
function heading(document: SvgDocument, title: string, yLabel: string): SvgElement {
  const group = element(document, "g", { "text-anchor": "start" });
  group.append(
    element(document, "text", { x: "0", y: "16", "font-size": "15", "font-weight": "600" }, title),
  );
  group.append(element(document, "text", { x: "0", y: "38", "fill-opacity": "0.7" }, yLabel));
  return group;
}

function element(
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

function shorten(name: string): string {
  const characters = [...name]; // not name.slice, which could cut an emoji in half
  if (characters.length <= LABEL_CHARACTERS) return name;
  return `${characters.slice(0, LABEL_CHARACTERS - 1).join("")}…`;
}

function fixed(pixels: number): string {
  return String(Math.round(pixels * 10) / 10);
}
