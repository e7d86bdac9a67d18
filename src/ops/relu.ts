import { operator } from "../ir/operator.ts";
import { likeFirst, perOutput } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Relu.html; the gradient at 0 is 0. */
export const Relu = operator({
  domain: "",
  attributes: {},
  arity: [1, 1],
  infer: likeFirst,
  vjp: ({ b, outputs: [y], grad }) => [b.op("ReluGrad", [grad, y])],
  cost: perOutput(1),
});
