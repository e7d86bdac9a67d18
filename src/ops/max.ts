import { operator } from "../ir/operator.ts";
import { isMax } from "./max-grad.ts";
import { variadic } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Max.html: the element-wise maximum of any number of inputs; equal ones share the gradient. */
export const Max = operator({
  ...variadic("other"),
  vjp({ b, inputs, outputs: [y], grad }) {
    const hits = inputs.map((x) => isMax(b, x, y));
    const share = b.op("Div", [grad, b.op("Sum", hits)]);
    return hits.map((hit) => b.op("Mul", [hit, share]));
  },
});
