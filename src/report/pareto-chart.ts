import * as Plot from "@observablehq/plot";
import { BOTTOM, type ChartText, drawChart, TOP } from "./chart.ts";
import { element, fixed, type SvgDocument, type SvgElement, shorten, spread, widthOf } from "./svg.ts";

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

const MIN_LABEL_HEIGHT = 15.5;
const LEADER = 34; // pixels between the plot and the labels, for the lines that join them
/** Classes of the report's colors: of points on the front, and of the others. */
const FRONT = { class: "series-0", color: "#0072b2" };
const OTHER = { class: "series-4", color: "#595959" };

/**
 * Value against cost as one SVG element: a point with its error bar for each choice, named at the right, those on the Pareto front in
 * color and joined by steps: what a budget buys.
 */
export function paretoChart(points: readonly ParetoPoint[], text: ChartText): string {
  const shown = points
    .filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y))
    .map((point) => ({
      ...point,
      name: shorten(point.name),
      error: Number.isFinite(point.error) ? point.error : 0,
    }));
  const height = Math.max(400, TOP + BOTTOM + MIN_LABEL_HEIGHT * shown.length);
  const front = shown.filter(({ onFront }) => onFront).sort((a, b) => a.x - b.x || a.y - b.y);
  const others = shown.filter(({ onFront }) => !onFront);
  return drawChart({
    ...text,
    width: 640,
    height,
    marginRight: 20 + LEADER + widthOf(shown.map(({ name }) => name)),
    x: { nice: true, ticks: 6 },
    isEmpty: shown.length === 0,
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
  const placed = points
    .toSorted((a, b) => b.x - a.x)
    .map((point) => ({ ...point, x: x(point.x) as number, y: y(point.y) as number }));
  for (const { name, onFront, ...at } of spread(placed, bottom)) {
    const kind = { class: (onFront ? FRONT : OTHER).class };
    const [from, edge] = [`${fixed(at.x + 5)},${fixed(at.y)}`, `${fixed(right)},${fixed(at.y)}`];
    const line = {
      d: `M${from}L${edge}L${fixed(right + LEADER - 4)},${fixed(at.height)}`,
      fill: "none",
      stroke: "currentColor",
      "stroke-opacity": "0.3",
    };
    const place = { x: fixed(right + LEADER), y: fixed(at.height), dy: "0.35em" };
    const weight = onFront ? { "font-weight": "600" } : {};
    group.append(element(document, "path", { ...kind, ...line }));
    group.append(element(document, "text", { ...kind, ...weight, ...place, fill: "currentColor" }, name));
  }
  return group;
}
