import { expect, it } from "vitest";
import { amount, byteAmount, change, clock, listOf, milliseconds, plural, points } from "./format.ts";

it.each([
  [0.4, "0:00"],
  [59.6, "1:00"],
  [3725, "1:02:05"],
])("%d seconds are %s", (seconds, text) => expect(clock(seconds)).toBe(text));

it.each([
  [110, 100, "+10.0 %"],
  [90, 100, "-10.0 %"],
  [99.999, 100, "0.0 %"],
  [100, 100, "+0.0 %"],
  [1, 0, "–"],
])("%d against %d is %s", (value, base, text) => expect(change(value, base)).toBe(text));

it.each([
  [512, "512"],
  [2688, "2.69 k"],
  [999_994, "999.99 k"],
  [999_999, "1.00 M"],
  [-999_999, "-1.00 M"],
  [999_996_000, "1.00 G"],
])("%d is %s", (count, text) => expect(amount(count)).toBe(text));

it.each([
  [999, "999 B"],
  [999_999, "1.00 MB"],
])("%d bytes are %s", (count, text) => expect(byteAmount(count)).toBe(text));

it("formats times and counts", () => {
  expect([milliseconds(312.4), milliseconds(0.16234), plural(1, "step"), plural(2000, "step")]).toEqual([
    "312 ms",
    "0.162 ms",
    "1 step",
    "2,000 steps",
  ]);
});

it("lists the first names, and how many more there are", () => {
  const names = ["conv1", "bn1", "layer1", "fc"];
  expect([listOf(names), listOf(names, 4), listOf(names, 1, "; ")]).toEqual([
    "conv1, bn1, layer1 and 1 more",
    "conv1, bn1, layer1, fc",
    "conv1 and 3 more",
  ]);
});

it("differences of shares are percentage points", () => {
  expect([0.0125, 0, -0.01, Number.NaN].map(points)).toEqual(["+1.25", "+0.00", "-1.00", "–"]);
});
