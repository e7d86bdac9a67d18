import { operator } from "../ir/operator.ts";
import { isMax } from "./max-grad.ts";
import { broadcasting, count } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Max.html: the greatest of any number of inputs; equal ones share the gradient. */
export const Max = operator({
  domain: "",
  attributes: {},
  arity: [1, 4096],
  infer: broadcasting,
  vjp({ b, inputs, outputs: [y], grad }) {
    const hits = inputs.map((x) => isMax(b, x, y));
    const share = b.op("Div", [grad, b.op("Sum", hits)]);
    return hits.map((hit) => b.op("Mul", [hit, share]));
  },
  cost: (inputs, outputs) => ({ macs: 0, flops: (inputs.length - 1) * count(outputs[0]) }),
});
