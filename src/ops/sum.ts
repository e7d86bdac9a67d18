import { operator } from "../ir/operator.ts";
import { broadcasting, count } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Sum.html: any number of inputs added. */
export const Sum = operator({
  domain: "",
  attributes: {},
  arity: [1, 4096],
  infer: broadcasting,
  vjp: ({ inputs, grad }) => inputs.map(() => grad),
  cost: (inputs, outputs) => ({ macs: 0, flops: (inputs.length - 1) * count(outputs[0]) }),
});
