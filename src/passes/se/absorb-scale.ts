import type { Node, Value } from "../../ir/graph.ts";
import { sizeOf } from "../../ir/shape.ts";
import { lazyTensor, type Tensor } from "../../ir/tensor.ts";
import type { Uses } from "../../ir/uses.ts";
import { isChannelConcat, oneOf } from "../../ops/predicates.ts";

/** New contents of stored values. */
export type Contents = ReadonlyMap<Value, Tensor>;

/**
 * The contents that weights must get so that a map is multiplied by one factor per channel: those of the BatchNorm or convolution that
 * computes it, or of several where it is a mean or a concatenation; through activations and pools that a positive factor passes.
 *
 * @param value [N,C,H,W]
 * @param factors C of them
 * @returns undefined where no weights can take the factors: something else computes the map, it has other readers,
 * or its weights are not float32, are shared or are fed
 * @example absorbScale(conv.outputs[0], [2, 2, 2], usesOf(graph))
 */
export function absorbScale(value: Value, factors: Float32Array, uses: Uses): Contents | undefined {
  const node = value.producer;
  if (!node) return undefined;
  const { op, inputs } = node;
  if (op === "BatchNormalization" || op === "Conv") {
    const [, weight, bias] = inputs;
    return scaled(op === "Conv" && !bias ? [weight] : [weight, bias], factors, uses);
  }
  if (passesFactors(node) && factors.every((factor) => factor >= 0)) {
    return absorbInto([[inputs[0], factors]], uses);
  }
  if (isMean(node)) {
    const parts = inputs.map((input) => [input, factors] as const);
    return absorbInto(parts, uses);
  }
  return isChannelConcat(node) ? absorbInto(split(inputs, factors), uses) : undefined;
}

const isMean = oneOf("Mean", "ShakeMean");
/** Operators f with f(a·x) = a·f(x) for a ≥ 0. */
const isHomogeneous = oneOf("AveragePool", "Dropout", "Identity", "LeakyRelu", "MaxPool", "PRelu", "Relu");

function passesFactors(node: Node): boolean {
  if (isHomogeneous(node)) return true;
  const { op, inputs } = node;
  // A mask, or a factor of training.
  return op === "Mul" && inputs[1]?.tensor !== undefined && inputs[1].tensor.data.length === 1;
}

type Part = readonly [value: Value | null, factors: Float32Array];

/** Each part of a concatenation with its channels' factors; no parts where a number of channels is a symbol. */
function split(values: readonly (Value | null)[], factors: Float32Array): Part[] {
  let from = 0;
  return values.map((value) => {
    const part = factors.subarray(from, from + Number(value?.shape[1]));
    from += part.length;
    return [value, part];
  });
}

/** All parts together, each of which must be read once only. */
function absorbInto(parts: readonly Part[], uses: Uses): Contents | undefined {
  const contents = new Map<Value, Tensor>();
  for (const [value, factors] of parts) {
    const part = value && uses.onlyReader(value) ? absorbScale(value, factors, uses) : undefined;
    if (!part) return undefined;
    for (const [stored, content] of part) contents.set(stored, content);
  }
  return contents;
}

/** Stored values with one row per channel, multiplied row by row. */
function scaled(values: readonly (Value | null)[], factors: Float32Array, uses: Uses): Contents | undefined {
  const contents = new Map<Value, Tensor>();
  for (const value of values) {
    if (!uses.isStored(value) || value.dtype !== "float32" || !uses.onlyReader(value)) return undefined;
    const { tensor } = value;
    if (tensor.shape[0] !== factors.length) return undefined;
    contents.set(value, timesRows(tensor, factors));
  }
  return contents;
}

function timesRows(tensor: Tensor, factors: Float32Array): Tensor {
  return lazyTensor(tensor.shape, () => {
    const row = sizeOf(tensor.shape.slice(1));
    const data = Float32Array.from(tensor.data as Float32Array);
    for (let i = 0; i < data.length; i++) data[i] *= factors[Math.floor(i / row)];
    return data;
  });
}
