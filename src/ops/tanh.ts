import { operator } from "../ir/operator.ts";
import { elementWise } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Tanh.html */
export const Tanh = operator({
  ...elementWise("activation", 4),
  // d tanh/dx = 1 − tanh²
  vjp: ({ b, outputs: [y], grad }) => [b.op("Sub", [grad, b.op("Mul", [grad, b.op("Mul", [y, y])])])],
});
