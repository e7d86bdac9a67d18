import { operator } from "../ir/operator.ts";
import { attr } from "../ir/signature.ts";
import { copying, knownDim, normalAxis, required, sameDim, sameDType } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Concat.html */
export const Concat = operator({
  ...copying,
  attributes: { axis: attr.int() },
  arity: [1, 4096],
  infer(inputs, attrs, what) {
    const first = required(inputs, 0, what);
    const axis = normalAxis(attrs.axis, first.shape.length, what);
    const shape = [...first.shape];
    let total = 0;
    for (let i = 0; i < inputs.length; i++) {
      const part = required(inputs, i, what);
      sameDim(part.shape.length, shape.length, "all inputs need the same number of dimensions", what);
      part.shape.forEach((dim, other) => {
        if (other !== axis) sameDim(dim, shape[other], `all but axis ${axis} must agree`, what);
      });
      total += knownDim(part.shape, axis, what);
    }
    shape[axis] = total;
    return [{ dtype: sameDType(inputs, what), shape }];
  },
  vjp({ b, inputs, attrs, grad, needs }) {
    let start = 0;
    return inputs.map((part, i) => {
      const end = start + Number(part.shape.at(attrs.axis));
      const range = [[start], [end], [attrs.axis]].map((numbers) => b.constant(numbers));
      start = end;
      return needs[i] ? b.op("Slice", [grad, ...range]) : null;
    });
  },
});
