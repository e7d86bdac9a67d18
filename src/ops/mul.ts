import { operator } from "../ir/operator.ts";
import { pairwise } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Mul.html */
export const Mul = operator({
  ...pairwise("scale"),
  vjp: ({ b, inputs: [x, y], grad, needs }) => [
    needs[0] ? b.op("Mul", [grad, y]) : null,
    needs[1] ? b.op("Mul", [grad, x]) : null,
  ],
});
