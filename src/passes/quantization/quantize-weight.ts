import { sizeOf } from "../../ir/shape.ts";
import { type Tensor, tensor } from "../../ir/tensor.ts";

/** A weight as signed bytes: element = scale of its channel · byte. */
export interface QuantizedWeight {
  /** int8, of the weight's shape. */
  readonly values: Tensor;
  /** float32, one scale an index of `axis`. */
  readonly scales: Tensor;
}

export interface WeightBits {
  /** Largest magnitude of a byte: 127, or 63 for processors that add two products in 16 bits. */
  readonly max: number;
  /** A bias and the scale of its layer's input: the scales are made large enough for the bias to fit int32. */
  readonly bias?: { readonly data: ArrayLike<number>; readonly inputScale: number } | undefined;
}

/** A bias may take this share of int32, so that sums of products have the rest. */
const BIAS_LIMIT = 2 ** 30;
/** The smallest normal float32: a channel of zeros needs some scale. */
const MIN_SCALE = 2 ** -126;

/**
 * A weight in int8, symmetric around 0, each channel with its own scale (its largest magnitude becomes ±`max`).
 *
 * @param axis the axis of `weight` that counts output channels
 * @example quantizeWeight(tensor([2, 1], [1, -0.5]), 0, { max: 127 }).values.data // Int8Array [127, -127]
 */
export function quantizeWeight(weight: Tensor, axis: number, { max, bias }: WeightBits): QuantizedWeight {
  const channels = weight.shape[axis];
  const inner = sizeOf(weight.shape.slice(axis + 1));
  const source = weight.data as Float32Array;
  const channelOf = (index: number) => Math.floor(index / inner) % channels;
  const scales = new Float32Array(channels);
  for (let i = 0; i < source.length; i++) {
    const channel = channelOf(i);
    scales[channel] = Math.max(scales[channel], Math.abs(source[i]));
  }
  for (let channel = 0; channel < channels; channel++) {
    const needed = bias ? Math.abs(bias.data[channel]) / (bias.inputScale * BIAS_LIMIT) : 0;
    scales[channel] = Math.max(scales[channel] / max, needed, MIN_SCALE);
  }
  const values = new Int8Array(source.length);
  for (let i = 0; i < source.length; i++) {
    const rounded = Math.round(source[i] / scales[channelOf(i)]);
    values[i] = Math.min(Math.max(rounded, -max), max);
  }
  return { values: tensor(weight.shape, values, "int8"), scales: tensor([channels], scales) };
}
