import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import { dotChart } from "./dot-chart.ts";

const options = { title: "Inference", xLabel: "ms an image", series: ["alone", "in batches"] };
const parse = (svg: string) => parseHTML(svg).document;
const circles = (svg: string) =>
  [...parse(svg).querySelectorAll("circle")].map((circle) => Number(circle.getAttribute("cx")));

test("draws a dot and writes a number for each thing and series, and leaves gaps", () => {
  const svg = dotChart(
    [
      { name: "plain", values: [24.512, 20.1] },
      { name: "SE", values: [29, Number.NaN] },
    ],
    options,
  );
  expect(circles(svg)).toHaveLength(3);
  const texts = [...parse(svg).querySelectorAll("text")].map((text) => text.textContent);
  expect(texts).toEqual(expect.arrayContaining(["plain", "SE", "24.5", "20.1", "29.0"]));
  expect(svg).toContain("● alone · ○ in batches");
  expect(svg).not.toContain("NaN");
});

test("places dots by their numbers: from 0 where they are alike, by their logarithms where they are not", () => {
  const place = (...values: number[]) =>
    circles(
      dotChart(
        values.map((value, i) => ({ name: String(i), values: [value] })),
        options,
      ),
    );
  const level = place(10, 20, 30);
  expect(level[2] - level[1]).toBeCloseTo(level[1] - level[0], 5);
  const wide = place(1, 10, 100);
  expect(wide[2] - wide[1]).toBeCloseTo(wide[1] - wide[0], 5);
  expect(wide[0]).toBeLessThan(wide[1]);
});

test("says so when there is nothing to show", () => {
  expect(dotChart([], options)).toContain("no data yet");
  expect(dotChart([{ name: "a", values: [0, Number.POSITIVE_INFINITY] }], options)).toContain("no data yet");
});

test("escapes names and cuts long ones", () => {
  const svg = dotChart([{ name: `<script>${"x".repeat(60)}`, values: [1, 2] }], options);
  expect(svg).not.toContain("<script");
  expect(svg).toContain("…");
});
