import type { GraphBuilder } from "../../ir/builder.ts";
import { knownShape, type Value } from "../../ir/graph.ts";

/** A map [A, B, rows, W] moved down by `by` rows into one of `height` rows; what is new is zero. */
export function movedRows(b: GraphBuilder, map: Value, by: number, height: number): Value {
  const [n, channels, rows, width] = knownShape(map);
  if (by === 0 && rows === height) return map;
  // Rows of one channel are contiguous, so this pads (or crops) one run of memory per channel.
  const runs = b.op("Reshape", [map, b.constant([n * channels, rows * width])]);
  const pads = [0, by * width, 0, (height - rows - by) * width];
  const moved = b.op("Pad", [runs, b.constant(pads)]);
  return b.op("Reshape", [moved, b.constant([n, channels, height, width])]);
}

/** A map [A, B, H, columns] moved right by `by` columns into one of `width` columns; what is new is zero. */
export function movedColumns(b: GraphBuilder, map: Value, by: number, width: number): Value {
  const [n, channels, height, columns] = knownShape(map);
  if (by === 0 && columns === width) return map;
  if (columns !== width) {
    return b.op("Pad", [map, b.constant([0, 0, 0, by, 0, 0, 0, width - columns - by])]);
  }
  // Padding row by row is slow; move whole channels by `by` pixels and blank what came from the neighboring row.
  const runs = b.op("Reshape", [map, b.constant([n * channels, height * width])]);
  const moved = b.op("Pad", [runs, b.constant([0, by, 0, -by])]);
  const own = Float32Array.from({ length: height * width }, (_, pixel) => {
    const source = (pixel % width) - by;
    return source >= 0 && source < width ? 1 : 0;
  });
  const blanked = b.op("Mul", [moved, b.constant({ dtype: "float32", shape: [own.length], data: own })]);
  return b.op("Reshape", [blanked, b.constant([n, channels, height, width])]);
}
