import type { GraphBuilder } from "../ir/builder.ts";
import type { Value } from "../ir/graph.ts";

/**
 * The mean of two branches, [N,C,H,W] each (Gastaldi, arXiv 1705.07485). In training `toTraining` replaces it by a random
 * mixture: a different one for each image, and again a different one for the gradient; also of a network that `readOnnx` reads from a file
 * of `writeOnnx`. In a file that another program has written since, it is a mean like any other, and is trained as one.
 */
export function shakeShake(b: GraphBuilder, first: Value, second: Value): Value {
  return b.scope("shake", () => b.op("ShakeMean", [first, second]));
}
