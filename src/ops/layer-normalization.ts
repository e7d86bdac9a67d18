import { operator } from "../ir/operator.ts";
import { broadcastShapes, formatShape } from "../ir/shape.ts";
import { attr } from "../ir/signature.ts";
import { normalize, normalizeGrad } from "./normalization-grad.ts";
import { normalAxis, perOutput, required, sameDim } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__LayerNormalization.html: over all axes from `axis`; X, scale, optional bias. */
export const LayerNormalization = operator({
  kind: "normalization",
  attributes: { axis: attr.int(-1), epsilon: attr.float(1e-5) },
  arity: [2, 3],
  infer(inputs, attrs, what) {
    const { dtype, shape } = required(inputs, 0, what);
    normalAxis(attrs.axis, shape.length, what);
    for (let i = 1; i < inputs.length; i++) {
      const joint = broadcastShapes(required(inputs, i, what).shape, shape, what);
      sameDim(formatShape(joint), formatShape(shape), `input ${i} must broadcast to the first`, what);
    }
    return [{ dtype, shape }];
  },
  vjp({ b, inputs: [x, scale, bias], attrs, grad }) {
    const first = normalAxis(attrs.axis, x.shape.length, "LayerNormalization");
    const axes = x.shape.map((_, axis) => axis).slice(first);
    const normalized = normalize(b, x, axes, attrs.epsilon);
    const dx = normalizeGrad(b, b.op("Mul", [grad, scale]), normalized, axes);
    return [dx, b.op("Mul", [grad, normalized.normal]), ...(bias ? [grad] : [])];
  },
  cost: perOutput(8),
});
