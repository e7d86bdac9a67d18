import { operator } from "../ir/operator.ts";
import { broadcasting, perOutput } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Sub.html */
export const Sub = operator({
  domain: "",
  attributes: {},
  arity: [2, 2],
  infer: broadcasting,
  vjp: ({ b, grad, needs }) => [grad, needs[1] ? b.op("Neg", [grad]) : null],
  cost: perOutput(1),
});
