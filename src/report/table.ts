/** A cell: text as it is, or a number to be formatted. */
export type Cell = string | number;

/** Column names, and rows of as many cells. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: ReadonlyArray<readonly Cell[]>;
}

/**
 * A cell as text: whole numbers grouped by commas, others with four significant digits, so that a reader
 * compares magnitudes. For another precision or a unit pass a string.
 *
 * @example formatCell(275534) // "275,534"
 * @example formatCell(0.91234) // "0.9123"
 */
export function formatCell(cell: Cell | undefined): string {
  if (typeof cell !== "number") return cell ?? "";
  if (!Number.isFinite(cell)) return String(cell);
  if (Number.isInteger(cell) || Math.abs(cell) >= 1000) {
    return cell.toLocaleString("en-US", { maximumFractionDigits: 1 });
  }
  return String(Number(cell.toPrecision(4)));
}

/**
 * Whether a column holds quantities (to be aligned at the right): numbers, or text that begins as one
 * (`+1.2 %`, `41.2 M`), with `-`, `–` or nothing for a missing value.
 */
export function isNumericColumn({ rows }: Pick<Table, "rows">, column: number): boolean {
  const texts = rows
    .map((row) => row[column] ?? "")
    .filter((cell) => cell !== "" && cell !== "–" && cell !== "-");
  const numeric = (cell: Cell) =>
    typeof cell === "number" || /^[+\-−±<>≈]?\s?\d[\d.,]*(e[+-]?\d+)?(\s?\S{1,8})?$/.test(cell);
  return texts.length > 0 && texts.every(numeric);
}
