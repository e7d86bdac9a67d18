import { operator } from "../ir/operator.ts";
import { elementWise } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Softplus.html: log(1 + exp(x)). */
export const Softplus = operator({
  ...elementWise("activation", 3),
  vjp: ({ b, inputs: [x], grad }) => [b.op("Mul", [grad, b.op("Sigmoid", [x])])],
});
