import { normal, type Random, randomStream } from "../base/random.ts";
import type { GraphBuilder } from "../ir/builder.ts";
import type { Value } from "../ir/graph.ts";
import { sizeOf } from "../ir/shape.ts";
import { lazyTensor } from "../ir/tensor.ts";

/** Fills a new parameter. Whole arrays, as a call for each of a hundred million weights would take seconds. */
export type Initializer = (data: Float32Array, shape: readonly number[], random: Random) => void;

/**
 * Normal with variance 2 / fan-out, which keeps the gradient's size through ReLU layers (He et al., arXiv 1502.01852). Of a grouped
 * convolution only the filters of a group see an input channel.
 */
export function heNormal(groups = 1): Initializer {
  return (data, [out, , ...kernel], random) => {
    const deviation = Math.sqrt((2 * groups) / (out * sizeOf(kernel)));
    for (let i = 0; i < data.length; i++) data[i] = deviation * normal(random);
  };
}

/** Uniform within ±1/√fan-in, PyTorch's default for fully connected layers and their biases. */
export function uniformFanIn(fanIn: number): Initializer {
  const bound = 1 / Math.sqrt(fanIn);
  return (data, _, random) => {
    for (let i = 0; i < data.length; i++) data[i] = bound * (2 * random() - 1);
  };
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
    const data = new Float32Array(sizeOf(shape));
    initializer(data, shape, randomStream(b.seed, key));
    return data;
  });
  return b.parameter(name, content);
}

/** FNV-1a, 32 bits. */
function hashName(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
