import { cleanText } from "./clean-text.ts";
import { type Cell, formatCell, isNumericColumn } from "./table.ts";

const GAP = "  ";

/**
 * A table for terminals: columns aligned by spaces, quantities at the right, a rule under the header.
 *
 * @returns lines joined by "\n", none with spaces at its end; no final newline.
 * @example
 * formatTable(["metric", "resnet20"], [["accuracy", 91.2], ["parameters", 272474]])
 * // metric      resnet20
 * // ────────────────────
 * // accuracy        91.2
 * // parameters   272,474
 */
export function formatTable(columns: readonly string[], rows: ReadonlyArray<readonly Cell[]>): string {
  const header = columns.map(cleanText);
  const body = rows.map((row) => columns.map((_, c) => cleanText(formatCell(row[c]))));
  const widths = header.map((name, c) => Math.max(width(name), ...body.map((row) => width(row[c]))));
  const right = columns.map((_, c) => isNumericColumn({ rows }, c));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, c) => {
        const padding = " ".repeat(widths[c] - width(cell));
        return right[c] ? padding + cell : cell + padding;
      })
      .join(GAP)
      .trimEnd();
  const rule = "─".repeat(widths.reduce((sum, w) => sum + w + GAP.length, -GAP.length));
  return [line(header), rule, ...body.map(line)].join("\n");
}

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

/** Columns that text takes in a terminal: Chinese and emoji take two, combining marks none. */
function width(text: string): number {
  let columns = 0;
  for (const character of text) {
    if (WIDE.test(character)) columns += 2;
    else if (!/[\p{Mark}\u200d]/u.test(character)) columns += 1;
  }
  return columns;
}
