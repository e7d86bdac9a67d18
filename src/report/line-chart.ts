import * as Plot from "@observablehq/plot";
import { BOTTOM, type ChartText, drawChart } from "./chart.ts";
import { element, fixed, type SvgDocument, type SvgElement, shorten, spread, widthOf } from "./svg.ts";

/** One line of a chart. Points that are not finite (a loss that became NaN) leave a gap. */
export interface Series {
  readonly name: string;
  readonly points: ReadonlyArray<readonly [x: number, y: number]>;
}

/** Pixels. */
const HEIGHT = 320;

/**
 * Colors of the series on white, after Okabe and Ito (2008), darkened until text in them reads well (contrast
 * of 4.5 and more). They differ with any color vision; in print without color, the dashes differ.
 */
const COLORS = ["#0072b2", "#c04e00", "#007a5e", "#8e4585", "#595959"];
const DASHES = ["none", "6 3", "2 3", "9 3 2 3"];

/**
 * A line chart as one SVG element, labeled directly at the ends of its lines. Text and axes take the color
 * of the page around it; the groups of series i have the class `series-i` and take CSS `color`.
 */
export function lineChart(series: readonly Series[], text: ChartText): string {
  const lines = series.map(({ name, points }) => ({
    name: shorten(name),
    points: points.map(([x, y]): [number, number] => [x, Number.isFinite(x) ? y : Number.NaN]),
    end: points.findLast(([x, y]) => Number.isFinite(x) && Number.isFinite(y)),
  }));
  const xs = series.flatMap(({ points }) => points.map(([x]) => x)).filter(Number.isFinite);
  return drawChart({
    ...text,
    width: 540,
    height: HEIGHT,
    marginRight: 20 + widthOf(lines.map(({ name }) => name)),
    x: xAxis(xs),
    isEmpty: lines.every(({ end }) => end === undefined),
    marks: (document) => [
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
      (_index, scales) => endLabels(document, lines, scales),
    ],
    colors: Object.fromEntries(lines.map((_, i) => [`series-${i}`, COLORS[i % COLORS.length]])),
  });
}

/** Whole ticks for whole numbers: no half epochs. */
function xAxis(xs: readonly number[]): Plot.ScaleOptions {
  const [low, high] = [Math.min(...xs), Math.max(...xs)];
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
function endLabels(document: SvgDocument, lines: readonly Line[], { x, y }: Plot.ScaleFunctions): SvgElement {
  const group = element(document, "g", { "text-anchor": "start", "font-weight": "600" });
  const labels = lines.flatMap(({ name, end }, i) =>
    end && x && y ? [{ name, kind: `series-${i}`, x: x(end[0]), y: y(end[1]) }] : [],
  );
  for (const { name, kind, x, height } of spread(labels, HEIGHT - BOTTOM - 4)) {
    const place = { x: fixed(x + 9), y: fixed(height), dy: "0.35em" };
    group.append(element(document, "text", { class: kind, fill: "currentColor", ...place }, name));
  }
  return group;
}
