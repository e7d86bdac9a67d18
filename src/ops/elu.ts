import { operator } from "../ir/operator.ts";
import { attr } from "../ir/signature.ts";
import { elementWise } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Elu.html: x, or alpha·(exp(x) − 1) below 0. */
export const Elu = operator({
  ...elementWise("activation", 3),
  attributes: { alpha: attr.float(1) },
  // Below 0 the slope is alpha·exp(x) = y + alpha.
  vjp({ b, inputs: [x], outputs: [y], attrs: { alpha }, grad }) {
    const above = b.op("ReluGrad", [grad, x]);
    const below = b.op("Mul", [b.op("Sub", [grad, above]), b.op("Add", [y, b.constant(alpha)])]);
    return [b.op("Add", [above, below])];
  },
});
