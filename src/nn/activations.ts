import type { GraphBuilder } from "../ir/builder.ts";
import type { Value } from "../ir/graph.ts";

/** max(x, 0). */
export function relu(b: GraphBuilder, x: Value): Value {
  return b.op("Relu", [x]);
}

/** 1 / (1 + e⁻ˣ). */
export function sigmoid(b: GraphBuilder, x: Value): Value {
  return b.op("Sigmoid", [x]);
}

/** clip(x/6 + 1/2, 0, 1), the cheap gate of MobileNetV3 (arXiv 1905.02244) and PyTorch's `Hardsigmoid`. */
export function hardSigmoid(b: GraphBuilder, x: Value): Value {
  return b.op("HardSigmoid", [x], { alpha: 1 / 6, beta: 0.5 });
}
