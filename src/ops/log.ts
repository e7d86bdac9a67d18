import { operator } from "../ir/operator.ts";
import { likeFirst, perOutput } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Log.html: the natural logarithm. */
export const Log = operator({
  domain: "",
  attributes: {},
  arity: [1, 1],
  infer: likeFirst,
  vjp: ({ b, inputs: [x], grad }) => [b.op("Div", [grad, x])],
  cost: perOutput(1),
});
