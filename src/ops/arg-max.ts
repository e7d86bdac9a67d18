import { nonDifferentiable, operator } from "../ir/operator.ts";
import { attr } from "../ir/signature.ts";
import { normalAxis, perInput, required } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__ArgMax.html: the index of the first (or last) maximum, as int64. */
export const ArgMax = operator({
  kind: "other",
  attributes: { axis: attr.int(0), keepdims: attr.int(1), select_last_index: attr.int(0) },
  arity: [1, 1],
  infer(inputs, attrs, what) {
    const { shape } = required(inputs, 0, what);
    const axis = normalAxis(attrs.axis, shape.length, what);
    return [{ dtype: "int64", shape: shape.toSpliced(axis, 1, ...(attrs.keepdims ? [1] : [])) }];
  },
  vjp: nonDifferentiable("its output is an index"),
  cost: perInput(1),
});
