import type { GraphBuilder } from "../ir/builder.ts";
import type { Value } from "../ir/graph.ts";
import { batchNorm } from "./batch-norm.ts";
import { type Conv2dOptions, conv2d } from "./conv2d.ts";

/** Element-wise, such as `relu`. */
export type Activate = (b: GraphBuilder, x: Value) => Value;

/** Options of `convNorm`. */
export interface ConvNormOptions extends Conv2dOptions {
  /** What BatchNorm adds to the variance. Default 1e-5. */
  readonly epsilon?: number;
}

/**
 * Convolution, BatchNorm, and the activation if there is one: [N,C,H,W] → [N,out,H′,W′]. `names` are those of the two layers.
 *
 * @throws SenetError `shape` as `conv2d`
 * @example convNorm(b, ["conv1", "bn1"], x, { out: 64, kernel: 7, stride: 2 }, relu)
 */
export function convNorm(
  b: GraphBuilder,
  names: readonly [conv: string, norm: string],
  x: Value,
  { epsilon = 1e-5, ...options }: ConvNormOptions,
  activate: Activate = (_, y) => y,
): Value {
  return activate(b, batchNorm(b, names[1], conv2d(b, names[0], x, options), { epsilon }));
}
