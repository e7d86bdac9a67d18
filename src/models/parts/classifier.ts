import type { GraphBuilder } from "../../ir/builder.ts";
import type { Value } from "../../ir/graph.ts";
import { dropout } from "../../nn/dropout.ts";
import { linear } from "../../nn/linear.ts";
import { globalAveragePool } from "../../nn/pooling.ts";

/**
 * The end of a network: the mean of each channel of a map [N,C,H,W], dropout if there is a ratio, and the fully connected layer
 * `name` to logits [N, classes].
 */
export function classifier(b: GraphBuilder, name: string, map: Value, classes: number, ratio = 0): Value {
  const features = b.op("Flatten", [globalAveragePool(b, map)]);
  return linear(b, name, ratio > 0 ? dropout(b, features, ratio) : features, { out: classes });
}
