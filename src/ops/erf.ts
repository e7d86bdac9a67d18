import { operator } from "../ir/operator.ts";
import { elementWise } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Erf.html, the error function in GELU. */
export const Erf = operator({
  ...elementWise("activation", 8),
  // d erf/dx = 2/√π · exp(−x²)
  vjp({ b, inputs: [x], grad }) {
    const slope = b.op("Exp", [b.op("Neg", [b.op("Mul", [x, x])])]);
    return [b.op("Mul", [grad, b.op("Mul", [slope, b.constant(2 / Math.sqrt(Math.PI))])])];
  },
});
