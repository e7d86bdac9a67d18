import type { GraphBuilder } from "../../ir/builder.ts";
import type { Value } from "../../ir/graph.ts";

/** Part `index` of `count` parts along an axis, all of the same size but perhaps the last. */
export function part(b: GraphBuilder, value: Value, axis: number, index: number, count: number): Value {
  if (count === 1) return value;
  const length = Number(value.shape[axis]);
  const size = Math.ceil(length / count);
  const bounds = [[index * size], [Math.min((index + 1) * size, length)], [axis]];
  return b.op("Slice", [value, ...bounds.map((numbers) => b.constant(numbers))]);
}

/** Tensors concatenated along an axis. */
export function stack(b: GraphBuilder, parts: readonly Value[], axis: number): Value {
  return parts.length === 1 ? parts[0] : b.op("Concat", parts, { axis });
}

/** 0, 1, …, length − 1. */
export function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}
