import { operator } from "../ir/operator.ts";
import { elementWise } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Exp.html */
export const Exp = operator({
  ...elementWise("other", 1),
  vjp: ({ b, outputs: [y], grad }) => [b.op("Mul", [grad, y])],
});
