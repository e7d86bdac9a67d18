import { operator } from "../ir/operator.ts";
import { likeFirst, perOutput } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Abs.html; the gradient at 0 is 0. */
export const Abs = operator({
  domain: "",
  attributes: {},
  arity: [1, 1],
  infer: likeFirst,
  vjp({ b, inputs: [x], grad }) {
    const above = b.op("ReluGrad", [grad, x]);
    return [b.op("Sub", [above, b.op("ReluGrad", [grad, b.op("Neg", [x])])])];
  },
  cost: perOutput(1),
});
