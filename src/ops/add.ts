import { operator } from "../ir/operator.ts";
import { broadcasting, perOutput } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Add.html */
export const Add = operator({
  domain: "",
  attributes: {},
  arity: [2, 2],
  infer: broadcasting,
  vjp: ({ grad }) => [grad, grad],
  cost: perOutput(1),
});
