import { operator } from "../ir/operator.ts";
import { alongAxis } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Softmax.html */
export const Softmax = operator({
  ...alongAxis,
  // dx = y·(dy − Σ dy·y)
  vjp({ b, outputs: [y], attrs, grad }) {
    const weighted = b.op("ReduceSum", [b.op("Mul", [grad, y]), b.constant([attrs.axis])]);
    return [b.op("Mul", [y, b.op("Sub", [grad, weighted])])];
  },
});
