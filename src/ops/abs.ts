import { operator } from "../ir/operator.ts";
import { elementWise } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Abs.html; the gradient at 0 is 0. */
export const Abs = operator({
  ...elementWise("other", 1),
  vjp({ b, inputs: [x], grad }) {
    const above = b.op("ReluGrad", [grad, x]);
    return [b.op("Sub", [above, b.op("ReluGrad", [grad, b.op("Neg", [x])])])];
  },
});
