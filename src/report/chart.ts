import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { cleanText } from "./clean-text.ts";
import { element, SVG, type SvgDocument, type SvgElement } from "./svg.ts";

/** A chart without its frame. */
export interface Chart {
  readonly title: string;
  /** Second line of the heading: what the vertical axis counts, or a legend. */
  readonly subtitle: string;
  readonly xLabel: string;
  /** In CSS pixels. */
  readonly width: number;
  readonly height: number;
  readonly marginTop: number;
  readonly marginLeft: number;
  readonly marginRight: number;
  readonly x: Plot.ScaleOptions;
  readonly y: Plot.ScaleOptions;
  /** Whether there is nothing to show, which the chart then says. */
  readonly isEmpty: boolean;
  readonly grid: Plot.Markish;
  readonly marks: (document: SvgDocument) => Plot.Markish[];
  /** CSS colors of the groups of each class. */
  readonly colors: Readonly<Record<string, string>>;
}

/** Pixels under the plot, for ticks and the label. */
export const BOTTOM = 42;

/** Lines of a grid. */
export const GRID = { ticks: 6, strokeOpacity: 0.14 };

const NO_AXIS = { domain: [0, 1], axis: null };

/** One SVG element of plain attributes, named by its title; text and axes take the color of the page around it. */
export function drawChart(chart: Chart): string {
  const { title, subtitle, xLabel, x, y, isEmpty, grid, marks, colors, ...size } = chart;
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const svg: SvgElement = Plot.plot({
    document,
    ...size,
    marginBottom: BOTTOM,
    style: { fontSize: "12px" },
    x: { label: cleanText(xLabel), labelAnchor: "center", labelArrow: "none", ...(isEmpty ? NO_AXIS : x) },
    y: { ...(isEmpty && NO_AXIS), label: null, tickSize: 0, ...y },
    marks: [
      isEmpty ? Plot.text(["no data yet"], { frameAnchor: "middle" }) : grid,
      ...marks(document),
      () => heading(document, cleanText(title), cleanText(subtitle)),
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
