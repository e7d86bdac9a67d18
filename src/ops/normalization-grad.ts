import type { GraphBuilder } from "../ir/builder.ts";
import type { Value } from "../ir/graph.ts";

/** x normalized to mean 0 and variance 1 over some axes, and the standard deviation that it was divided by. */
export interface Normalized {
  readonly normal: Value;
  readonly std: Value;
}

/** (x − mean)/√(variance + epsilon) over `axes`. */
export function normalize(b: GraphBuilder, x: Value, axes: readonly number[], epsilon: number): Normalized {
  const centered = b.op("Sub", [x, b.op("ReduceMean", [x, b.constant(axes)])]);
  const variance = b.op("ReduceMean", [b.op("Mul", [centered, centered]), b.constant(axes)]);
  const std = b.op("Sqrt", [b.op("Add", [variance, b.constant(epsilon)])]);
  return { normal: b.op("Div", [centered, std]), std };
}

/** Gradient of x from that of its normalized form: without its mean, and without its part along that form. */
export function normalizeGrad(
  b: GraphBuilder,
  grad: Value,
  { normal, std }: Normalized,
  axes: readonly number[],
): Value {
  const mean = b.op("ReduceMean", [grad, b.constant(axes)]);
  const along = b.op("ReduceMean", [b.op("Mul", [grad, normal]), b.constant(axes)]);
  return b.op("Div", [b.op("Sub", [b.op("Sub", [grad, mean]), b.op("Mul", [normal, along])]), std]);
}
