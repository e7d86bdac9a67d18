import { operator } from "../ir/operator.ts";
import { pairwise } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Add.html */
export const Add = operator({
  domain: "",
  ...pairwise("sum"),
  attributes: {},
  vjp: ({ grad }) => [grad, grad],
});
