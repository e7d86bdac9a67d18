import * as Plot from "@observablehq/plot";
import { BOTTOM, drawChart, GRID_OPACITY } from "../src/report/chart.ts";
import { shorten, widthOf } from "../src/report/svg.ts";

/** One thing that was measured, once in each series. Numbers that are not finite and above 0 leave a gap. */
export interface DotRow {
  readonly name: string;
  readonly values: readonly number[];
}

/** What a chart shows. */
export interface DotChartOptions {
  readonly title: string;
  readonly xLabel: string;
  /** Names of the series, at most three. */
  readonly series: readonly string[];
}

interface Dot {
  readonly row: number;
  readonly series: number;
  readonly x: number;
}

/** As in the line chart: after Okabe and Ito (2008), dark enough for text. The marks tell the series apart without color. */
const SERIES = [
  { color: "#0072b2", mark: "●", fill: "currentColor" },
  { color: "#c04e00", mark: "○", fill: "none" },
  { color: "#007a5e", mark: "◌", fill: "none" },
];
const TOP = 52; // pixels for the heading
const ROW_HEIGHT = 24;
const MARGIN = 16;
const COLUMN = 58; // pixels for a number
const LONGEST_NAME = 40;
/** Largest number over smallest from which on a level scale would press the small ones together. */
const WIDE = 20;

/**
 * Positive numbers of things with names, as dots on one scale, the names at the left and the numbers in columns at the right. The
 * scale is logarithmic where the largest is more than 20 times the smallest, and from 0 otherwise.
 *
 * @example dotChart([{ name: "plain", values: [24.5] }], { title: "Inference", xLabel: "ms an image", series: ["alone"] })
 */
export function dotChart(rows: readonly DotRow[], options: DotChartOptions): string {
  const names = rows.map(({ name }) => shorten(name, LONGEST_NAME));
  const dots = rows.flatMap(({ values }, row) =>
    values.flatMap((x, series) => (Number.isFinite(x) && x > 0 ? [{ row, series, x }] : [])),
  );
  const numbers = dots.map(({ x }) => x);
  return drawChart({
    title: options.title,
    yLabel: legend(options.series),
    xLabel: options.xLabel,
    width: 720,
    height: TOP + BOTTOM + ROW_HEIGHT * Math.max(1, rows.length),
    marginTop: TOP,
    marginLeft: MARGIN + widthOf(names),
    marginRight: MARGIN + COLUMN * options.series.length,
    x: scaleOf(Math.min(...numbers), Math.max(...numbers)),
    y: { type: "band", domain: [...names.keys()], axis: "left", tickFormat: (i: number) => names[i] },
    isEmpty: dots.length === 0,
    grid: Plot.gridX({ strokeOpacity: GRID_OPACITY }),
    marks: () =>
      SERIES.flatMap(({ fill }, i) => {
        const some = dots.filter(({ series }) => series === i);
        const at = { x: "x", y: "row", className: `series-${i}` };
        return [
          Plot.dot(some, { ...at, fill, stroke: "currentColor", strokeWidth: 1.5, r: 4 }),
          ...columns(some, i, options.series.length),
        ];
      }),
    colors: Object.fromEntries(SERIES.map(({ color }, i) => [`series-${i}`, color])),
  });
}

function scaleOf(low: number, high: number): Plot.ScaleOptions {
  if (!(high > WIDE * low)) return { domain: [0, high * 1.05], ticks: 6 };
  return {
    type: "log",
    domain: [low / 1.2, high * 1.2],
    ticks: roundNumbers(low / 1.2, high * 1.2),
    tickFormat: (x: number) => x.toLocaleString("en", { maximumSignificantDigits: 3 }),
  };
}

/** The numbers of a series under its mark. */
function columns(dots: readonly Dot[], series: number, count: number): Plot.Markish[] {
  const place = { dx: COLUMN * (series + 1) + MARGIN / 2, textAnchor: "end" } as const;
  const ink = { className: `series-${series}`, fill: "currentColor" };
  if (series >= count) return [];
  return [
    Plot.text([SERIES[series].mark], { ...ink, ...place, frameAnchor: "top-right", dy: -14 }),
    Plot.text(dots, { ...ink, ...place, frameAnchor: "right", y: "row", text: ({ x }) => figures(x) }),
  ];
}

function legend(series: readonly string[]): string {
  return series.map((name, i) => `${SERIES[i].mark} ${name}`).join(" · ");
}

/** 1, 2 and 5 times powers of ten from `low` to `high`; of more than two decades the powers alone. */
function roundNumbers(low: number, high: number): number[] {
  const steps = high / low > 100 ? [1] : [1, 2, 5];
  const powers = Array.from({ length: 31 }, (_, i) => 10 ** (i - 15));
  return powers.flatMap((power) => steps.map((step) => step * power)).filter((x) => x >= low && x <= high);
}

/** Three figures, without an exponent. */
function figures(x: number): string {
  return x >= 100 ? Math.round(x).toLocaleString("en") : x.toPrecision(3);
}
