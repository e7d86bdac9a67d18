import { normal, randomStream } from "../base/random.ts";
import type { Graph } from "../ir/graph.ts";
import { knownShape, sizeOf } from "../ir/shape.ts";
import { type Tensor, zeros } from "../ir/tensor.ts";

/**
 * Something to feed a graph whose dimensions are known: normal numbers, and zeros where whole ones are wanted.
 *
 * @throws SenetError `shape` when a dimension is a symbol
 * @example await session.run(randomFeeds(withBatchOfOne(graph)))
 */
export function randomFeeds({ inputs }: Graph, seed = 0): Record<string, Tensor> {
  const random = randomStream(seed);
  return Object.fromEntries(
    inputs.map(({ name = "", dtype, shape }): [string, Tensor] => {
      const dims = knownShape(shape, name);
      if (dtype !== "float32") return [name, zeros(dims, dtype)];
      return [
        name,
        { dtype, shape: dims, data: Float32Array.from({ length: sizeOf(dims) }, () => normal(random)) },
      ];
    }),
  );
}
