import type { GraphBuilder } from "../ir/builder.ts";
import type { Value } from "../ir/graph.ts";

/**
 * The mean of two branches, [N,C,H,W] each (Gastaldi, arXiv 1705.07485). In training `toTraining` replaces it by a random
 * mixture, another one for each image, and another one again for the gradient.
 */
export function shakeShake(b: GraphBuilder, first: Value, second: Value): Value {
  return b.scope("shake", () => b.op("Mean", [first, second]));
}
