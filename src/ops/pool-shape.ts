import type { Value } from "../ir/graph.ts";
import type { Cost, Sizes } from "../ir/operator.ts";
import { attr, type ValueType } from "../ir/signature.ts";
import { checkWindow, type Window, windowDim } from "./conv-shape.ts";
import { count, ofRank } from "./shared.ts";

/** Attributes of average and max pooling alike. */
export const poolAttributes = {
  kernel_shape: attr.ints(),
  strides: attr.ints([1, 1]),
  /** Top, left, bottom, right. */
  pads: attr.ints([0, 0, 0, 0]),
  ceil_mode: attr.int(0),
};

export function inferPool(inputs: readonly (Value | null)[], window: Window, what: string): ValueType[] {
  const x = ofRank(inputs, 0, 4, "N×C×H×W", what);
  checkWindow(window, what);
  const [n, channels, height, width] = x.shape;
  const shape = [n, channels, windowDim(height, 0, window, what), windowDim(width, 1, window, what)];
  return [{ dtype: x.dtype, shape }];
}

/** One operation for each pixel of the window behind each pixel of the pooled map. */
export function perWindow(pooled: Sizes | null, { kernel_shape: [height, width] }: Window): Cost {
  return { macs: 0, flops: count(pooled) * height * width };
}
