import { expect, test } from "vitest";
import { formatCell, isNumericColumn } from "./table.ts";
import { formatTable } from "./text-table.ts";

test("aligns quantities at the right and text at the left", () => {
  const rows = [
    ["accuracy", 91.2, "92.0 %", "+0.9 %"],
    ["parameters", 272474, 275534, "+1.1 %"],
    ["note", "–", "", "−3 %"],
  ];
  expect(formatTable(["metric", "resnet20", "seresnet20", "difference"], rows)).toBe(
    [
      "metric      resnet20  seresnet20  difference",
      "────────────────────────────────────────────",
      "accuracy        91.2      92.0 %      +0.9 %",
      "parameters   272,474     275,534      +1.1 %",
      "note               –                    −3 %",
    ].join("\n"),
  );
});

test("measures what a terminal shows: wide characters, combining marks, no control characters", () => {
  expect(
    formatTable(
      ["class", "n"],
      [
        ["猫", 1],
        ["e\u0301", 22],
        ["a\u001b[31m\nb", 3],
      ],
    ),
  ).toBe("class      n\n────────────\n猫         1\ne\u0301         22\na [31m b   3");
});

test("a table without rows is its header", () => {
  expect(formatTable(["a", "bc"], [])).toBe("a  bc\n─────");
});

test.each([
  [0, "0"],
  [-1234567, "-1,234,567"],
  [0.912345, "0.9123"],
  [12.3456, "12.35"],
  [1234.56, "1,234.6"],
  [0.0000123456, "0.00001235"],
  [Number.NaN, "NaN"],
  ["as it is 1.0", "as it is 1.0"],
  [undefined, ""],
])("formatCell(%s) is %s", (cell, text) => {
  expect(formatCell(cell)).toBe(text);
});

test("a column of names that begin with digits is text", () => {
  const rows = [
    ["3 blind mice", "1.5 ms", "", 1],
    ["2", "–", "", "x"],
  ];
  expect([0, 1, 2, 3].map((column) => isNumericColumn({ rows }, column))).toEqual([
    false,
    true,
    false,
    false,
  ]);
});
