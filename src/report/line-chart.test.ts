import { DOMParser, parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
import { lineChart, type Series } from "./line-chart.ts";

const options = { title: "Test accuracy", xLabel: "epoch", yLabel: "% of 10,000 images" };
const two: Series[] = [
  { name: "resnet20", points: [1, 2, 3, 4, 5].map((x) => [x, 90 - 40 / x]) },
  { name: "seresnet20", points: [1, 2, 3, 4, 5].map((x) => [x, 90.4 - 36 / x]) },
];

/** Names at the line ends with their height in pixels, from top to bottom. */
function labels(svg: string): Array<[name: string, y: number]> {
  const { document } = parseHTML(svg);
  return [...document.querySelectorAll("text[class^=series-]")].map((text) => [
    text.textContent ?? "",
    Number(text.getAttribute("y")),
  ]);
}

describe("lineChart", () => {
  test("draws the same picture as before", async () => {
    await expect(`${lineChart(two, options)}\n`).toMatchFileSnapshot("../../test/golden/line-chart.svg");
  });

  test("keeps labels apart and inside, in the order of the lines, when lines end together", () => {
    const ends = [50, 50.2, 50.1, 50, 0];
    const series = ends.map(
      (end, i): Series => ({
        name: `s${i}`,
        points: [
          [0, 60],
          [1, end],
        ],
      }),
    );
    const placed = labels(lineChart(series, options));
    expect(placed.map(([name]) => name)).toEqual(["s1", "s2", "s0", "s3", "s4"]);
    for (const [i, [, y]] of placed.slice(1).entries()) expect(y - placed[i][1]).toBeGreaterThanOrEqual(14.9);
    expect(placed[4][1]).toBeLessThanOrEqual(320 - 42);
  });

  test("leaves a gap where a loss is not a number, and labels the last finite point", () => {
    const points: Series["points"] = [
      [1, 2],
      [2, 1],
      [3, Number.NaN],
      [4, Number.POSITIVE_INFINITY],
      [5, 1],
      [6, Number.NaN],
    ];
    const svg = lineChart([{ name: "diverged", points }], options);
    expect(svg).not.toMatch(/NaN|Infinity/);
    const { document } = parseHTML(svg);
    expect(document.querySelector("g.series-0 path")?.getAttribute("d")?.match(/M/g)).toHaveLength(2);
    expect(document.querySelectorAll("circle.series-0, .series-0 circle")).toHaveLength(1);
    expect(labels(svg)).toHaveLength(1);
  });

  test("shows whole epochs only", () => {
    const { document } = parseHTML(lineChart(two, options));
    const ticks = document.querySelectorAll('[aria-label="x-axis tick label"] text');
    expect([...ticks].map((tick) => tick.textContent)).toEqual(["1", "2", "3", "4", "5"]);
  });

  test.each([
    ["no series", []],
    ["a series without points", [{ name: "a", points: [] }]],
    ["only NaN", [{ name: "a", points: [[1, Number.NaN] as const] }]],
  ])("says so when there are no data: %s", (_, series) => {
    const svg = lineChart(series, options);
    expect(svg).toContain("no data yet");
    expect(svg).not.toContain("NaN");
  });

  test("shows a single point", () => {
    const svg = lineChart([{ name: "a", points: [[1, 50]] }], options);
    expect(svg).toContain("<circle");
    expect(svg).not.toMatch(/NaN|no data/);
  });

  test("is well-formed XML, whatever the text", () => {
    const evil = `</text><script>alert("1")</script> & 'x'\u0000\u001b]]>`;
    const svg = lineChart([{ name: evil, points: [[0, 1]] }], { title: evil, xLabel: evil, yLabel: evil });
    expect(svg).not.toContain("<script");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    expect(svg).not.toMatch(/[\u0000-\u0008\u000b-\u001f]/);
    expect(svg).not.toMatch(/="[^"]*<[^"]*"/); // XML forbids "<" in attributes
    expect(svg).not.toMatch(/&(?!(amp|lt|gt|quot|#\d+);)/);
    const document = new DOMParser().parseFromString(svg, "image/svg+xml");
    expect(document.querySelector("title")?.textContent).toBe(evil.replace(/\p{Cc}/gu, " "));
  });
});
