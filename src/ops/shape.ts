import { nonDifferentiable, operator } from "../ir/operator.ts";
import { attr } from "../ir/signature.ts";
import { copying, required } from "./shared.ts";

/** Behind the last axis of any tensor. */
const END = 2 ** 31 - 1;

/** https://onnx.ai/onnx/operators/onnx__Shape.html: the dimensions from axis `start` to before `end`, as int64. */
export const Shape = operator({
  ...copying,
  attributes: { start: attr.int(0), end: attr.int(END) },
  arity: [1, 1],
  infer(inputs, { start, end }, what) {
    return [{ dtype: "int64", shape: [required(inputs, 0, what).shape.slice(start, end).length] }];
  },
  vjp: nonDifferentiable("its output is integer"),
});
