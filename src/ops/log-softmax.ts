import { operator } from "../ir/operator.ts";
import { alongAxis } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__LogSoftmax.html */
export const LogSoftmax = operator({
  ...alongAxis,
  // dx = dy − softmax(x)·Σ dy
  vjp({ b, inputs: [x], attrs, grad }) {
    const total = b.op("ReduceSum", [grad, b.constant([attrs.axis])]);
    return [b.op("Sub", [grad, b.op("Mul", [b.op("Softmax", [x], attrs), total])])];
  },
});
