import { operator } from "../ir/operator.ts";
import { likeFirst, perOutput } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Softplus.html: log(1 + exp(x)). */
export const Softplus = operator({
  domain: "",
  attributes: {},
  arity: [1, 1],
  infer: likeFirst,
  vjp: ({ b, inputs: [x], grad }) => [b.op("Mul", [grad, b.op("Sigmoid", [x])])],
  cost: perOutput(3),
});
