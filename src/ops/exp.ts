import { operator } from "../ir/operator.ts";
import { likeFirst, perOutput } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Exp.html */
export const Exp = operator({
  domain: "",
  attributes: {},
  arity: [1, 1],
  infer: likeFirst,
  vjp: ({ b, outputs: [y], grad }) => [b.op("Mul", [grad, y])],
  cost: perOutput(1),
});
