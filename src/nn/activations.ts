import type { GraphBuilder } from "../ir/builder.ts";
import type { Value } from "../ir/graph.ts";

/** max(x, 0). */
export function relu(b: GraphBuilder, x: Value): Value {
  return b.op("Relu", [x]);
}

/** clip(x, 0, 6) (MobileNet, arXiv 1704.04861). */
export function relu6(b: GraphBuilder, x: Value): Value {
  return b.op("Clip", [x, b.constant(0), b.constant(6)]);
}

/** 1 / (1 + e⁻ˣ). */
export function sigmoid(b: GraphBuilder, x: Value): Value {
  return b.op("Sigmoid", [x]);
}

/** clip(x/6 + 1/2, 0, 1), the cheap gate of MobileNetV3 (arXiv 1905.02244) and PyTorch's `Hardsigmoid`. */
export function hardSigmoid(b: GraphBuilder, x: Value): Value {
  return b.op("HardSigmoid", [x], { alpha: 1 / 6, beta: 0.5 });
}

/** x · sigmoid(x), also called swish (arXiv 1606.08415, 1710.05941). */
export function silu(b: GraphBuilder, x: Value): Value {
  return b.op("Mul", [x, sigmoid(b, x)]);
}

/** x · hardSigmoid(x), MobileNetV3's cheap swish (arXiv 1905.02244, section 5.2). */
export function hardSwish(b: GraphBuilder, x: Value): Value {
  return b.op("HardSwish", [x]);
}

/** Activations by the names that options give them. */
export const activations = { relu, silu, "hard-swish": hardSwish } as const;

export type Activation = keyof typeof activations;

export const activationNames = Object.keys(activations) as readonly Activation[];
