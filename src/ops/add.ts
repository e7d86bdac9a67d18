import { operator } from "../ir/operator.ts";
import { pairwise } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Add.html */
export const Add = operator({
  ...pairwise("sum"),
  vjp: ({ grad }) => [grad, grad],
});
