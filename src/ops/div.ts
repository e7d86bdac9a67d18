import { operator } from "../ir/operator.ts";
import { pairwise } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Div.html */
export const Div = operator({
  ...pairwise("other"),
  vjp: ({ b, inputs: [, y], outputs: [quotient], grad, needs }) => {
    const forNumerator = b.op("Div", [grad, y]);
    // d(x/y)/dy = −(x/y)/y
    return [forNumerator, needs[1] ? b.op("Neg", [b.op("Mul", [forNumerator, quotient])]) : null];
  },
});
