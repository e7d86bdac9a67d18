import { operator } from "../ir/operator.ts";
import { elementWise } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Neg.html */
export const Neg = operator({
  ...elementWise("other", 1),
  vjp: ({ b, grad }) => [b.op("Neg", [grad])],
});
