import type { GraphBuilder } from "../../ir/builder.ts";
import { knownShape, type Value } from "../../ir/graph.ts";
import { sizeOf } from "../../ir/shape.ts";

/** [N, C, …] as [N, C, pixels]. */
function flat(b: GraphBuilder, x: Value): Value {
  const [n, channels, ...rest] = knownShape(x);
  return b.op("Reshape", [x, b.constant([n, channels, sizeOf(rest)])]);
}

/** Σ x over images and pixels, [C]. */
export function channelSum(b: GraphBuilder, x: Value): Value {
  return b.op("ReduceSum", [flat(b, x), b.constant([0, 2])], { keepdims: 0 });
}

/** Σ x·y over images and pixels, [C]. */
export function channelDot(b: GraphBuilder, x: Value, y: Value): Value {
  return channelSum(b, b.op("Mul", [x, y]));
}
