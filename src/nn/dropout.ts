import type { GraphBuilder } from "../ir/builder.ts";
import type { Value } from "../ir/graph.ts";

/**
 * Dropout with the given ratio; does nothing until `toTraining` gives it noise.
 *
 * @example dropout(b, features, 0.2)
 */
export function dropout(b: GraphBuilder, x: Value, ratio: number): Value {
  return b.op("Dropout", [x, b.constant(ratio)]);
}
