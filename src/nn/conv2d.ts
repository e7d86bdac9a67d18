import type { GraphBuilder } from "../ir/builder.ts";
import type { Value } from "../ir/graph.ts";
import { symmetric } from "../ops/conv-shape.ts";
import { constantInitializer, heNormal, parameter } from "./initializers.ts";

export interface Conv2dOptions {
  /** Output channels. */
  readonly out: number;
  /** Height and width of the kernel; default 1. */
  readonly kernel?: number;
  /** Default 1. */
  readonly stride?: number;
  /** Default: half the kernel, so that stride 1 keeps the size. */
  readonly padding?: number;
  /** Default 1. */
  readonly groups?: number;
  /** Default false: a BatchNorm usually follows. */
  readonly bias?: boolean;
}

/**
 * 2-D convolution, [N,C,H,W] → [N,out,H′,W′], with parameters `weight` (He initialised) and `bias` (zero) under scope `name`.
 *
 * @example conv2d(b, "conv1", x, { out: 16, kernel: 3 })
 */
export function conv2d(b: GraphBuilder, name: string, x: Value, options: Conv2dOptions): Value {
  const { out, kernel = 1, stride = 1, padding = Math.floor(kernel / 2), groups = 1, bias = false } = options;
  return b.scope(name, () => {
    const shape = [out, Number(x.shape[1]) / groups, kernel, kernel];
    const inputs = [x, parameter(b, "weight", shape, heNormal)];
    if (bias) inputs.push(parameter(b, "bias", [out], constantInitializer(0)));
    return b.op("Conv", inputs, {
      kernel_shape: [kernel, kernel],
      strides: [stride, stride],
      pads: symmetric(padding),
      group: groups,
    });
  });
}
