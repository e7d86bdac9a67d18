import { operator } from "../ir/operator.ts";
import { elementWise } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Relu.html; the gradient at 0 is 0. */
export const Relu = operator({
  ...elementWise("activation", 1),
  vjp: ({ b, outputs: [y], grad }) => [b.op("ReluGrad", [grad, y])],
});
