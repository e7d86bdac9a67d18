import { operator } from "../ir/operator.ts";
import { elementWise } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Sqrt.html */
export const Sqrt = operator({
  ...elementWise("other", 1),
  // d√x/dx = 1/(2√x)
  vjp: ({ b, outputs: [y], grad }) => [b.op("Div", [grad, b.op("Add", [y, y])])],
});
