import { operator } from "../ir/operator.ts";
import { elementWise } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Sigmoid.html */
export const Sigmoid = operator({
  ...elementWise("activation", 4),
  // dσ/dx = σ·(1 − σ) = σ − σ²
  vjp: ({ b, outputs: [y], grad }) => [b.op("Mul", [grad, b.op("Sub", [y, b.op("Mul", [y, y])])])],
});
