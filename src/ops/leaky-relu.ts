import { operator } from "../ir/operator.ts";
import { attr } from "../ir/signature.ts";
import { elementWise } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__LeakyRelu.html: x, or alpha·x below 0; the gradient at 0 is alpha. */
export const LeakyRelu = operator({
  ...elementWise("activation", 2),
  attributes: { alpha: attr.float(0.01) },
  // alpha everywhere, and the rest of 1 where x > 0.
  vjp({ b, inputs: [x], attrs: { alpha }, grad }) {
    const everywhere = b.op("Mul", [grad, b.constant(alpha)]);
    const above = b.op("Mul", [b.op("ReluGrad", [grad, x]), b.constant(1 - alpha)]);
    return [b.op("Add", [everywhere, above])];
  },
});
