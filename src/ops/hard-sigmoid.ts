import { operator } from "../ir/operator.ts";
import { attr } from "../ir/signature.ts";
import { elementWise } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__HardSigmoid.html: clip(alpha·x + beta, 0, 1). */
export const HardSigmoid = operator({
  ...elementWise("activation", 4),
  attributes: { alpha: attr.float(0.2), beta: attr.float(0.5) },
  vjp: ({ b, outputs: [y], attrs, grad }) => [b.op("HardSigmoidGrad", [grad, y], { alpha: attrs.alpha })],
});
