import type { GraphBuilder } from "../../ir/builder.ts";
import type { Value } from "../../ir/graph.ts";
import type { Shape } from "../../ir/shape.ts";

/** Kernel positions in row-major order, each with the factor by which a feature enters its sum. */
export type Shares = readonly (readonly [position: number, share: number])[];

/**
 * The means that determine what each kernel position of a 3×3 window with padding 1 sees on average, over a map [N,C,H,W]: of the whole map,
 * of its first and last row and column, and the four corners, stacked on the channels to [N,9·C,1,1].
 */
export function borderSums(b: GraphBuilder, map: Value): Value {
  const mean = (x: Value) => b.op("GlobalAveragePool", [x]);
  const cut = (x: Value, axis: number, from: 0 | -1) => {
    const to = from === 0 ? 1 : Number.MAX_SAFE_INTEGER; // −1 is the last, up to the end of everything
    return b.op("Slice", [x, b.constant([from]), b.constant([to]), b.constant([axis])]);
  };
  const rows = [cut(map, 2, 0), cut(map, 2, -1)];
  const columns = [cut(map, 3, 0), cut(map, 3, -1)];
  const corners = rows.flatMap((row) => [cut(row, 3, 0), cut(row, 3, -1)]);
  return b.op("Concat", [mean(map), ...[...rows, ...columns].map(mean), ...corners], { axis: 1 });
}

/**
 * How each feature of a convolution's input contributes to the mean of its output: one list per feature, in `borderSums`' order for a
 * window of 3, the mean alone for a window of 1. A position below the center misses the first row, one above it the last, and so on;
 * a corner missed twice is added again.
 *
 * @param shape of the map, [N,C,H,W]
 */
export function windowShares(size: number, [, , height, width]: Shape): readonly Shares[] {
  if (size === 1) return [[[0, 1]]];
  const all = [0, 1, 2, 3, 4, 5, 6, 7, 8];
  const inRow = (row: number) => all.filter((position) => Math.floor(position / 3) === row);
  const inColumn = (column: number) => all.filter((position) => position % 3 === column);
  const row = -1 / Number(height);
  const column = -1 / Number(width);
  const corner = row * column;
  return [
    all.map((position) => [position, 1] as const),
    inRow(2).map((position) => [position, row] as const),
    inRow(0).map((position) => [position, row] as const),
    inColumn(2).map((position) => [position, column] as const),
    inColumn(0).map((position) => [position, column] as const),
    [[8, corner]],
    [[6, corner]],
    [[2, corner]],
    [[0, corner]],
  ];
}
