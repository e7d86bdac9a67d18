import { operator } from "../ir/operator.ts";
import { likeFirst, perOutput } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Neg.html */
export const Neg = operator({
  domain: "",
  attributes: {},
  arity: [1, 1],
  infer: likeFirst,
  vjp: ({ b, grad }) => [b.op("Neg", [grad])],
  cost: perOutput(1),
});
