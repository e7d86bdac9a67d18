import { operator } from "../ir/operator.ts";
import { likeFirst, perOutput } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Sqrt.html */
export const Sqrt = operator({
  domain: "",
  attributes: {},
  arity: [1, 1],
  infer: likeFirst,
  // d√x/dx = 1/(2√x)
  vjp: ({ b, outputs: [y], grad }) => [b.op("Div", [grad, b.op("Add", [y, y])])],
  cost: perOutput(1),
});
