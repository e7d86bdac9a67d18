import { operator } from "../ir/operator.ts";
import { likeFirst, perOutput } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Tanh.html */
export const Tanh = operator({
  domain: "",
  attributes: {},
  arity: [1, 1],
  infer: likeFirst,
  // d tanh/dx = 1 − tanh²
  vjp: ({ b, outputs: [y], grad }) => [b.op("Sub", [grad, b.op("Mul", [grad, b.op("Mul", [y, y])])])],
  cost: perOutput(4),
});
