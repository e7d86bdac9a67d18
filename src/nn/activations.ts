import type { GraphBuilder } from "../ir/builder.ts";
import type { Value } from "../ir/graph.ts";

/**
 * max(x, 0).
 *
 * @example relu(b, x)
 */
export function relu(b: GraphBuilder, x: Value): Value {
  return b.op("Relu", [x]);
}

/**
 * clip(x, 0, 6) (MobileNet, arXiv 1704.04861).
 *
 * @example relu6(b, x)
 */
export function relu6(b: GraphBuilder, x: Value): Value {
  return b.op("Clip", [x, b.constant(0), b.constant(6)]);
}

/**
 * 1 / (1 + e⁻ˣ).
 *
 * @example sigmoid(b, x)
 */
export function sigmoid(b: GraphBuilder, x: Value): Value {
  return b.op("Sigmoid", [x]);
}

/**
 * clip(x/6 + 1/2, 0, 1), the cheap gate of MobileNetV3 (arXiv 1905.02244) and PyTorch's `Hardsigmoid`.
 *
 * @example hardSigmoid(b, x)
 */
export function hardSigmoid(b: GraphBuilder, x: Value): Value {
  return b.op("HardSigmoid", [x], { alpha: 1 / 6, beta: 0.5 });
}

/**
 * x · sigmoid(x), also called swish (arXiv 1606.08415, 1710.05941).
 *
 * @example silu(b, x)
 */
export function silu(b: GraphBuilder, x: Value): Value {
  return b.op("Mul", [x, sigmoid(b, x)]);
}

/**
 * x · hardSigmoid(x), MobileNetV3's cheap swish (arXiv 1905.02244, section 5.2).
 *
 * @example hardSwish(b, x)
 */
export function hardSwish(b: GraphBuilder, x: Value): Value {
  return b.op("HardSwish", [x]);
}

/** Names of the activations that options may choose. */
export const activationNames = ["relu", "silu", "hard-swish"] as const;

/** One of `activationNames`. */
export type Activation = (typeof activationNames)[number];

/** What each of the names stands for. */
export const activations: Readonly<Record<Activation, typeof relu>> = { relu, silu, "hard-swish": hardSwish };
