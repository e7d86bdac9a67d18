import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { cleanText } from "./clean-text.ts";
import { element, SVG, type SvgDocument, type SvgElement } from "./svg.ts";

/** What stands around the lines or points of a chart. */
export interface ChartText {
  readonly title: string;
  readonly xLabel: string;
  /** Second line of the heading: what the vertical axis counts, or a legend. */
  readonly yLabel: string;
}

/** A chart without its frame. */
export interface Chart extends ChartText {
  /** In CSS pixels. */
  readonly width: number;
  readonly height: number;
  readonly marginTop?: number;
  readonly marginLeft?: number;
  readonly marginRight: number;
  readonly x: Plot.ScaleOptions;
  readonly y?: Plot.ScaleOptions;
  /** Whether there is nothing to show, which the chart then says. */
  readonly isEmpty: boolean;
  readonly grid?: Plot.Markish;
  readonly marks: (document: SvgDocument) => Plot.Markish[];
  /** CSS colors of the groups of each class. */
  readonly colors: Readonly<Record<string, string>>;
}

/** Pixels for the heading. */
export const TOP = 58;
/** Pixels under the plot, for ticks and the label. */
export const BOTTOM = 42;
/** How visible the lines of a grid are. */
export const GRID_OPACITY = 0.14;

const LEVEL = { nice: true, ticks: 6 };
const NO_AXIS = { domain: [0, 1], axis: null };

/** One SVG element of plain attributes, named by its title; text and axes take the color of the page around it. */
export function drawChart(chart: Chart): string {
  const {
    title,
    yLabel,
    xLabel,
    x,
    y = LEVEL,
    isEmpty,
    grid = Plot.gridY({ ticks: 6, strokeOpacity: GRID_OPACITY }),
    marks,
    colors,
    ...size
  } = chart;
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const svg: SvgElement = Plot.plot({
    document,
    marginTop: TOP,
    marginLeft: 44,
    ...size,
    marginBottom: BOTTOM,
    style: { fontSize: "12px" },
    x: { label: cleanText(xLabel), labelAnchor: "center", labelArrow: "none", ...(isEmpty ? NO_AXIS : x) },
    y: { ...(isEmpty && NO_AXIS), label: null, tickSize: 0, ...y },
    marks: [
      isEmpty ? Plot.text(["no data yet"], { frameAnchor: "middle" }) : grid,
      ...marks(document),
      () => heading(document, cleanText(title), cleanText(yLabel)),
    ],
  });
  for (const [name, color] of Object.entries(colors)) {
    for (const group of svg.querySelectorAll(`.${name}`)) group.setAttribute("color", color);
  }
  // The page around the chart has rules of its own.
  for (const style of svg.querySelectorAll("style")) style.remove();
  // The accessible name is an element, not an attribute: linkedom's attributes are HTML, not XML.
  svg.prepend(element(document, "title", {}, cleanText(title)));
  svg.setAttribute("role", "img");
  svg.setAttribute("xmlns", SVG);
  return svg.outerHTML;
}

/** Title and subtitle, level, so that they are read before the chart. */
function heading(document: SvgDocument, title: string, subtitle: string): SvgElement {
  const group = element(document, "g", { "text-anchor": "start" });
  group.append(
    element(document, "text", { x: "0", y: "16", "font-size": "15", "font-weight": "600" }, title),
  );
  group.append(element(document, "text", { x: "0", y: "38", "fill-opacity": "0.7" }, subtitle));
  return group;
}
