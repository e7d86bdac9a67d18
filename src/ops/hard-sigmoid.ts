import { operator } from "../ir/operator.ts";
import { attr } from "../ir/signature.ts";
import { likeFirst, perOutput } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__HardSigmoid.html: clip(alpha·x + beta, 0, 1). */
export const HardSigmoid = operator({
  domain: "",
  attributes: { alpha: attr.float(0.2), beta: attr.float(0.5) },
  arity: [1, 1],
  infer: likeFirst,
  vjp: ({ b, outputs: [y], attrs, grad }) => [b.op("HardSigmoidGrad", [grad, y], { alpha: attrs.alpha })],
  cost: perOutput(4),
});
