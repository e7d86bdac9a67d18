import type { GraphBuilder } from "../ir/builder.ts";
import type { Value } from "../ir/graph.ts";
import { sizeOf } from "../ir/shape.ts";
import { lazyTensor } from "../ir/tensor.ts";
import { normal, type Random, randomStream } from "../random.ts";

/** Draws one initial element. */
export type Initializer = (shape: readonly number[]) => (random: Random) => number;

/** Normal with variance 2 / fan-out, which keeps the gradient's size through ReLU layers (He et al., arXiv 1502.01852). */
export const heNormal: Initializer = ([out, , ...kernel]) => {
  const deviation = Math.sqrt(2 / (out * sizeOf(kernel)));
  return (random) => deviation * normal(random);
};

/** Uniform within ±1/√fan-in, PyTorch's default for fully connected layers and their biases. */
export function uniformFanIn(fanIn: number): Initializer {
  const bound = 1 / Math.sqrt(fanIn);
  return () => (random) => bound * (2 * random() - 1);
}

export function constantInitializer(value: number): Initializer {
  return () => () => value;
}

/**
 * A float32 parameter named by the present scope. Each parameter has a random stream of its own, made of
 * the builder's seed and the parameter's name, so layers that two networks share start equal.
 */
export function parameter(
  b: GraphBuilder,
  name: string,
  shape: readonly number[],
  initializer: Initializer,
): Value {
  const key = hashName(b.path(name));
  const content = lazyTensor(shape, () => {
    const draw = initializer(shape);
    const random = randomStream(b.seed, key);
    return Float32Array.from({ length: sizeOf(shape) }, () => draw(random));
  });
  return b.parameter(name, content);
}

/** FNV-1a, 32 bits. */
function hashName(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
