import { operator } from "../ir/operator.ts";
import { attr } from "../ir/signature.ts";
import { elementWise } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Selu.html: gamma·x, or gamma·alpha·(exp(x) − 1) below 0. */
export const Selu = operator({
  ...elementWise("activation", 4),
  attributes: { alpha: attr.float(1.6732631921768188), gamma: attr.float(1.0507010221481323) },
  // Below 0 the slope is gamma·alpha·exp(x) = y + gamma·alpha.
  vjp({ b, inputs: [x], outputs: [y], attrs: { alpha, gamma }, grad }) {
    const above = b.op("ReluGrad", [grad, x]);
    const slope = b.op("Add", [y, b.constant(gamma * alpha)]);
    const below = b.op("Mul", [b.op("Sub", [grad, above]), slope]);
    return [b.op("Add", [b.op("Mul", [above, b.constant(gamma)]), below])];
  },
});
