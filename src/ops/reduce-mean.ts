import { knownShape } from "../ir/graph.ts";
import { operator } from "../ir/operator.ts";
import { sizeOf } from "../ir/shape.ts";
import { keptShape, reduction } from "./reduce-shape.ts";

/** https://onnx.ai/onnx/operators/onnx__ReduceMean.html */
export const ReduceMean = operator({
  ...reduction("pooling", 1),
  vjp({ b, inputs, attrs, grad }) {
    const shape = knownShape(inputs[0]);
    const kept = keptShape(inputs, attrs);
    const share = b.op("Mul", [grad, b.constant(sizeOf(kept) / sizeOf(shape))]);
    const dx = b.op("Expand", [b.op("Reshape", [share, b.constant(kept)]), b.constant(shape)]);
    return inputs.map((_, i) => (i === 0 ? dx : null));
  },
});
