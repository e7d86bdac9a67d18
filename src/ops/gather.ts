import { nonDifferentiable, operator } from "../ir/operator.ts";
import { attr } from "../ir/signature.ts";
import { copying, normalAxis, required } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Gather.html: data, indices along `axis`. */
export const Gather = operator({
  ...copying,
  attributes: { axis: attr.int(0) },
  arity: [2, 2],
  infer(inputs, attrs, what) {
    const { dtype, shape } = required(inputs, 0, what);
    const axis = normalAxis(attrs.axis, shape.length, what);
    return [
      {
        dtype,
        shape: [...shape.slice(0, axis), ...required(inputs, 1, what).shape, ...shape.slice(axis + 1)],
      },
    ];
  },
  vjp: nonDifferentiable("it is supported for arithmetic with shapes; to select channels, use Slice"),
});
