import * as Plot from "@observablehq/plot";
import { BOTTOM, drawChart, GRID } from "./chart.ts";
import { cleanText } from "./clean-text.ts";
import {
  CHARACTER_WIDTH,
  element,
  fixed,
  type SvgDocument,
  type SvgElement,
  shorten,
  spread,
} from "./svg.ts";

/** One choice: what it costs, what it is worth, and how sure that is. */
export interface ParetoPoint {
  readonly name: string;
  readonly x: number;
  readonly y: number;
  /** Half the length of the bar through the point; none where it is not a number. */
  readonly error: number;
  /** Whether no other point is both cheaper and better. */
  readonly onFront: boolean;
}

/** What a chart shows and how large it is, in CSS pixels. */
export interface ParetoChartOptions {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  /** @default 640 */
  readonly width?: number;
  /** @default 400, more where the labels need it */
  readonly height?: number;
}

const TOP = 58; // pixels for the heading
const MIN_LABEL_HEIGHT = 15.5;
const LEADER = 34; // pixels between the plot and the labels, for the lines that join them
/** Classes of the report's colors: of points on the front, and of the others. */
const FRONT = { class: "series-0", color: "#0072b2" };
const OTHER = { class: "series-4", color: "#595959" };

/**
 * Value against cost as one SVG element: a point with its error bar for each choice, named at the right, those on the Pareto front in
 * color and joined by steps: what a budget buys.
 *
 * @example paretoChart([{ name: "r = 16", x: 9.4, y: 86.1, error: 0.4, onFront: true }], { title: "Accuracy against MACs", xLabel: "million MACs", yLabel: "accuracy (%)" })
 */
export function paretoChart(points: readonly ParetoPoint[], options: ParetoChartOptions): string {
  const shown = points
    .filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y))
    .map((point) => ({
      ...point,
      name: shorten(cleanText(point.name)),
      error: Number.isFinite(point.error) ? point.error : 0,
    }));
  const longest = Math.max(0, ...shown.map(({ name }) => name.length));
  const height = options.height ?? Math.max(400, TOP + BOTTOM + MIN_LABEL_HEIGHT * shown.length);
  const front = shown.filter(({ onFront }) => onFront).sort((a, b) => a.x - b.x || a.y - b.y);
  const others = shown.filter(({ onFront }) => !onFront);
  return drawChart({
    title: options.title,
    subtitle: options.yLabel,
    xLabel: options.xLabel,
    width: options.width ?? 640,
    height,
    marginTop: TOP,
    marginLeft: 44,
    marginRight: 20 + LEADER + longest * CHARACTER_WIDTH,
    x: { nice: true, ticks: 6 },
    y: { nice: true, ticks: 6 },
    isEmpty: shown.length === 0,
    grid: Plot.gridY(GRID),
    marks: (document) => [
      Plot.line(front, {
        x: "x",
        y: "y",
        curve: "step-after",
        className: FRONT.class,
        stroke: "currentColor",
        strokeOpacity: 0.5,
      }),
      ...dots(others, OTHER.class),
      ...dots(front, FRONT.class),
      (_index, scales, _values, { width, marginRight }) =>
        labels(document, shown, scales, width - marginRight, height - BOTTOM - 4),
    ],
    colors: { [OTHER.class]: OTHER.color, [FRONT.class]: FRONT.color },
  });
}

/** Points with their error bars. */
function dots(points: readonly ParetoPoint[], className: string): Plot.Markish[] {
  const bar = { className, stroke: "currentColor", strokeOpacity: 0.45 };
  return [
    Plot.ruleX(points, { ...bar, x: "x", y1: ({ y, error }) => y - error, y2: ({ y, error }) => y + error }),
    Plot.dot(points, { x: "x", y: "y", className, fill: "currentColor", r: 3.5 }),
  ];
}

/** Names at the right, moved apart, each joined to its point by a thin line. */
function labels(
  document: SvgDocument,
  points: readonly ParetoPoint[],
  { x, y }: Plot.ScaleFunctions,
  right: number,
  bottom: number,
): SvgElement {
  const group = element(document, "g", { "text-anchor": "start" });
  if (x === undefined || y === undefined) return group;
  const placed = points.map((point) => ({
    ...point,
    at: x(point.x) as number,
    height: y(point.y) as number,
  }));
  placed.sort((a, b) => a.height - b.height || b.at - a.at);
  const heights = spread(
    placed.map(({ height }) => height),
    bottom,
  );
  placed.forEach(({ name, at, height, onFront }, k) => {
    const { class: kind } = onFront ? FRONT : OTHER;
    const color = { class: kind, color: (onFront ? FRONT : OTHER).color };
    group.append(
      element(document, "path", {
        ...color,
        d: `M${fixed(at + 5)},${fixed(height)}L${fixed(right)},${fixed(height)}L${fixed(right + LEADER - 4)},${fixed(heights[k])}`,
        fill: "none",
        stroke: "currentColor",
        "stroke-opacity": "0.3",
      }),
    );
    const weight = onFront ? { "font-weight": "600" } : {};
    const place = { x: fixed(right + LEADER), y: fixed(heights[k]), dy: "0.35em" };
    group.append(element(document, "text", { ...color, ...weight, ...place, fill: "currentColor" }, name));
  });
  return group;
}
