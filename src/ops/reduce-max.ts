import { operator } from "../ir/operator.ts";
import { reducedMaxGrad } from "./max-grad.ts";
import { keptShape, reduction } from "./reduce-shape.ts";

/** https://onnx.ai/onnx/operators/onnx__ReduceMax.html; equal maxima share the gradient. */
export const ReduceMax = operator({
  ...reduction("pooling", 1),
  vjp({ b, inputs, outputs: [y], attrs, grad }) {
    const kept = keptShape(inputs, attrs);
    const [top, dTop] = [y, grad].map((value) => b.op("Reshape", [value, b.constant(kept)]));
    const axes = kept.flatMap((dim, axis) => (dim === inputs[0].shape[axis] ? [] : [axis]));
    const dx = axes.length === 0 ? dTop : reducedMaxGrad(b, inputs[0], top, dTop, axes);
    return inputs.map((_, i) => (i === 0 ? dx : null));
  },
});
