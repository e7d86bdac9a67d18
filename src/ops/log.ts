import { operator } from "../ir/operator.ts";
import { elementWise } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Log.html: the natural logarithm. */
export const Log = operator({
  ...elementWise("other", 1),
  vjp: ({ b, inputs: [x], grad }) => [b.op("Div", [grad, x])],
});
