import { expect, it } from "vitest";
import { change, clock, milliseconds, plural } from "./format.ts";

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

it("formats times and counts", () => {
  expect([milliseconds(312.4), milliseconds(0.16234), plural(1, "step"), plural(2000, "step")]).toEqual([
    "312 ms",
    "0.162 ms",
    "1 step",
    "2,000 steps",
  ]);
});
