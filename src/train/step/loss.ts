import type { GraphBuilder } from "../../ir/builder.ts";
import { knownShape, type Value } from "../../ir/graph.ts";
import { tensor } from "../../ir/tensor.ts";

/**
 * Mean softmax cross-entropy of a batch, with label smoothing s: the target is 1 − s + s/K for the labeled class and s/K for
 * the others (Szegedy et al., arXiv 1512.00567, section 7).
 *
 * @param logits [N, K]
 * @param labels [N], int64
 * @returns a scalar
 * @example b.output("loss", crossEntropy(b, logits, labels, 0.1));
 */
export function crossEntropy(b: GraphBuilder, logits: Value, labels: Value, smoothing = 0): Value {
  const [batch, classes] = knownShape(logits);
  const off = smoothing / classes;
  const values = b.constant(tensor([2], [off, 1 - smoothing + off]));
  const targets = b.op("OneHot", [labels, b.constant([classes]), values]);
  const weighted = b.op("Mul", [b.op("LogSoftmax", [logits]), targets]);
  return b.op("Mul", [b.op("ReduceSum", [weighted], { keepdims: 0 }), b.constant(-1 / batch)]);
}
