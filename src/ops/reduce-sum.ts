import { knownShape } from "../ir/graph.ts";
import { operator } from "../ir/operator.ts";
import { keptShape, reduction } from "./reduce-shape.ts";

/** https://onnx.ai/onnx/operators/onnx__ReduceSum.html */
export const ReduceSum = operator({
  ...reduction("other", 1),
  vjp({ b, inputs, attrs, grad }) {
    const kept = b.op("Reshape", [grad, b.constant(keptShape(inputs, attrs))]);
    const dx = b.op("Expand", [kept, b.constant(knownShape(inputs[0]))]);
    return inputs.map((_, i) => (i === 0 ? dx : null));
  },
});
