import type { GraphBuilder } from "../ir/builder.ts";
import type { Value } from "../ir/graph.ts";
import { filled } from "../ir/tensor.ts";
import { knownDim, multipleOf } from "../ops/shared.ts";
import { heNormal, parameter } from "./initializers.ts";

/** [vertical, horizontal], or one number for both. */
export type Extent = number | readonly [number, number];

/** Options of `conv2d`. */
export interface Conv2dOptions {
  /** Output channels. */
  readonly out: number;
  /** Height and width of the kernel, or one number for both; default 1. */
  readonly kernel?: Extent;
  /** Default 1. */
  readonly stride?: number;
  /** Above and below, left and right. Default: half the kernel, so that stride 1 keeps the size. */
  readonly padding?: Extent;
  /** Default 1. */
  readonly groups?: number;
  /** Default false: a BatchNorm usually follows. */
  readonly bias?: boolean;
}

/**
 * 2-D convolution, [N,C,H,W] → [N,out,H′,W′], with parameters `weight` (He initialized) and `bias` (zero) under scope `name`.
 *
 * @throws SenetError `shape` for a symbolic number of channels, or one that `groups` does not divide
 * @example conv2d(b, "conv1", x, { out: 16, kernel: 3 })
 * @example conv2d(b, "wide", x, { out: 64, kernel: [1, 7] })
 */
export function conv2d(b: GraphBuilder, name: string, x: Value, options: Conv2dOptions): Value {
  const { out, kernel = 1, stride = 1, groups = 1, bias = false } = options;
  const [height, width] = both(kernel);
  const { padding = [Math.floor(height / 2), Math.floor(width / 2)] } = options;
  return b.scope(name, () => {
    const what = `Conv in ${b.path()}`;
    const channels = knownDim(x.shape, 1, what);
    multipleOf(groups, channels, "channels", what);
    const shape = [out, channels / groups, height, width];
    const inputs = [x, parameter(b, "weight", shape, heNormal(groups))];
    if (bias) inputs.push(b.parameter("bias", filled([out], 0)));
    return b.op("Conv", inputs, {
      kernel_shape: [height, width],
      strides: [stride, stride],
      pads: [...both(padding), ...both(padding)],
      group: groups,
    });
  });
}

function both(extent: Extent): readonly [number, number] {
  return typeof extent === "number" ? [extent, extent] : extent;
}
