import type { GraphBuilder } from "../ir/builder.ts";
import type { Value } from "../ir/graph.ts";
import { symmetric } from "../ops/conv-shape.ts";

/** Options of `maxPool` and `averagePool`. */
export interface PoolOptions {
  /** Height and width of the window. */
  readonly kernel: number;
  /** Default: the kernel. */
  readonly stride?: number;
  /** Default 0. */
  readonly padding?: number;
  /** Caffe's rounding: keep a last window that is only partly filled. Default false. */
  readonly ceil?: boolean;
}

/**
 * Mean of each channel, [N,C,H,W] → [N,C,1,1].
 *
 * @example globalAveragePool(b, x)
 */
export function globalAveragePool(b: GraphBuilder, x: Value): Value {
  return b.op("GlobalAveragePool", [x]);
}

/**
 * Maximum of each channel, [N,C,H,W] → [N,C,1,1].
 *
 * @example globalMaxPool(b, x)
 */
export function globalMaxPool(b: GraphBuilder, x: Value): Value {
  return b.op("GlobalMaxPool", [x]);
}

/**
 * Maximum of each window.
 *
 * @example maxPool(b, x, { kernel: 3, stride: 2, padding: 1 })
 */
export function maxPool(b: GraphBuilder, x: Value, options: PoolOptions): Value {
  return b.op("MaxPool", [x], windowAttributes(options));
}

/**
 * Mean of each window; padding counts as zeros with `countPadding` (PyTorch's default), and does not without (ONNX's).
 *
 * @example averagePool(b, x, { kernel: 2 })
 */
export function averagePool(
  b: GraphBuilder,
  x: Value,
  { countPadding = false, ...window }: PoolOptions & { readonly countPadding?: boolean },
): Value {
  return b.op("AveragePool", [x], { ...windowAttributes(window), count_include_pad: countPadding ? 1 : 0 });
}

function windowAttributes({ kernel, stride = kernel, padding = 0, ceil = false }: PoolOptions) {
  return {
    kernel_shape: [kernel, kernel],
    strides: [stride, stride],
    pads: symmetric(padding),
    ceil_mode: ceil ? 1 : 0,
  };
}
