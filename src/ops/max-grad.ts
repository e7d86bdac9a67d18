import type { GraphBuilder } from "../ir/builder.ts";
import { dtypes } from "../ir/dtype.ts";
import type { Value } from "../ir/graph.ts";

/** 1 where an element of `x` is the maximum, `y`, and 0 elsewhere. */
export function isMax(b: GraphBuilder, x: Value, y: Value): Value {
  return b.op("Cast", [b.op("Equal", [x, y])], { to: dtypes[x.dtype].onnx });
}

/**
 * Gradient of a maximum over `axes` of `x`: equal maxima share it evenly, as in PyTorch's `amax`.
 *
 * @param y the maxima, and `grad` their gradient, both with the reduced axes kept as 1
 */
export function reducedMaxGrad(
  b: GraphBuilder,
  x: Value,
  y: Value,
  grad: Value,
  axes: readonly number[],
): Value {
  const hits = isMax(b, x, y);
  const count = b.op("ReduceSum", [hits, b.constant(axes)]);
  return b.op("Mul", [hits, b.op("Div", [grad, count])]);
}
