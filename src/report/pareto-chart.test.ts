import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import { type ParetoPoint, paretoChart } from "./pareto-chart.ts";

const options = { title: "Accuracy against MACs", xLabel: "million MACs", yLabel: "accuracy (%)" };
const point = (name: string, x: number, y: number, onFront = false, error = 0.5): ParetoPoint => ({
  name,
  x,
  y,
  error,
  onFront,
});

test("names every point at the right, in the order of their heights and apart", () => {
  const points = ["a", "b", "c", "d"].map((name, i) => point(name, 9, 80 + i / 100, i === 3));
  const { document } = parseHTML(paretoChart(points, options));
  const labels = [...document.querySelectorAll("text[class^=series-]")];
  expect(labels.map((label) => label.textContent)).toEqual(["d", "c", "b", "a"]);
  const heights = labels.map((label) => Number(label.getAttribute("y")));
  for (const [i, y] of heights.slice(1).entries()) expect(y - heights[i]).toBeGreaterThanOrEqual(14.9);
  expect(labels.map((label) => label.getAttribute("class"))).toEqual([
    "series-0",
    "series-4",
    "series-4",
    "series-4",
  ]);
  expect(document.querySelectorAll("circle")).toHaveLength(4);
});

test("leaves out what is not a number, and says so when nothing is left", () => {
  const svg = paretoChart([point("a", 1, Number.NaN), point("b", 1, 2, true, Number.NaN)], options);
  expect(svg).not.toContain("NaN");
  expect(parseHTML(svg).document.querySelectorAll("circle")).toHaveLength(1);
  expect(paretoChart([], options)).toContain("no data yet");
});

test("escapes names", () => {
  expect(paretoChart([point("<script>", 1, 2)], options)).not.toContain("<script");
});
