import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import { lineChart } from "./line-chart.ts";
import { renderReport } from "./report.ts";

const evil = '<script>alert("1")</script>';
const chart = (name: string) =>
  lineChart(
    [
      {
        name,
        points: [
          [1, 2],
          [2, 1],
        ],
      },
    ],
    { title: name, xLabel: name, yLabel: name },
  );

test("shows title, charts, table, notes and command", () => {
  const html = renderReport({
    title: "Does SE help?",
    subtitle: "CIFAR-10",
    charts: [chart("accuracy"), chart("loss")],
    table: { columns: ["metric", "resnet20"], rows: [["parameters", 272474]] },
    notes: ["One run.", "Seed 1."],
    command: "npx senet compare",
  });
  const { document } = parseHTML(html);
  const texts = (selector: string) =>
    [...document.querySelectorAll(selector)].map((node) => node.textContent);
  expect(texts("title:not(svg *), h1")).toEqual(["Does SE help?", "Does SE help?"]);
  expect(texts(".subtitle, .notes p, code")).toEqual([
    "CIFAR-10",
    "One run.",
    "Seed 1.",
    "npx senet compare",
  ]);
  expect(texts("figure > svg > title")).toEqual(["accuracy", "loss"]);
  expect(texts("thead th")).toEqual(["metric", "resnet20"]);
  expect(texts("tbody tr > *")).toEqual(["parameters", "272,474"]);
  expect(document.querySelector("tbody td")?.className).toBe("number");
});

test("a class named <script> is harmless wherever it stands", () => {
  const html = renderReport({
    title: evil,
    subtitle: evil,
    charts: [chart(evil)],
    table: { columns: [evil, evil], rows: [[evil, evil]] },
    notes: [evil],
    command: evil,
  });
  expect(html).not.toContain("<script");
  expect(html.split("&lt;script&gt;")).toHaveLength(1 + 14); // nothing was dropped either
  expect(parseHTML(html).document.querySelectorAll("script")).toHaveLength(0);
});

test("needs nothing from outside", () => {
  const html = renderReport({ title: "t", charts: [chart("c")], table: { columns: ["a"], rows: [] } });
  expect(html).toContain("default-src 'none'");
  expect(html.replaceAll("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:|url\(|@import|src=|href=/);
});

test("leaves out what is not given", () => {
  const html = renderReport({ title: "t", charts: [], table: { columns: [], rows: [] } });
  expect(html).not.toMatch(/undefined|<h2>|class="notes"|class="subtitle"/);
});
