import { operator } from "../ir/operator.ts";
import { pairwise } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Sub.html */
export const Sub = operator({
  ...pairwise("other"),
  vjp: ({ b, grad, needs }) => [grad, needs[1] ? b.op("Neg", [grad]) : null],
});
