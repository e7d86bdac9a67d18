import { operator } from "../ir/operator.ts";
import { variadic } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Sum.html: any number of inputs added. */
export const Sum = operator({
  ...variadic("sum"),
  vjp: ({ inputs, grad }) => inputs.map(() => grad),
});
