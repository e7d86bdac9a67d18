import { normal, type Random, randomStream } from "../base/random.ts";
import type { DType } from "../ir/dtype.ts";
import { knownShape } from "../ir/graph.ts";
import { type Shape, sizeOf } from "../ir/shape.ts";
import { type Tensor, zeros } from "../ir/tensor.ts";

/** Anything with inputs: a graph, or a session. */
interface Model {
  readonly inputs: readonly {
    readonly name?: string | undefined;
    readonly dtype: DType;
    readonly shape: Shape;
  }[];
}

/**
 * Random inputs for a model: standard normal numbers, zeros for every dtype but float32.
 *
 * @param options.batch the first dimension of an input where it is a symbol
 * @throws SenetError `shape` when another dimension is a symbol
 */
export function randomFeeds({ inputs }: Model, { seed = 0, batch = 1 } = {}): Record<string, Tensor> {
  const random = randomStream(seed);
  return Object.fromEntries(
    inputs.map(({ name = "", dtype, shape }): [string, Tensor] => {
      const bound = shape.map((dim, axis) => (axis === 0 && typeof dim === "string" ? batch : dim));
      const dims = knownShape({ name, shape: bound });
      return [name, dtype === "float32" ? randomTensor(dims, random) : zeros(dims, dtype)];
    }),
  );
}

/** A float32 tensor of standard normal numbers. */
export function randomTensor(shape: readonly number[], random: Random): Tensor {
  return {
    dtype: "float32",
    shape,
    data: Float32Array.from({ length: sizeOf(shape) }, () => normal(random)),
  };
}
