import { knownShape } from "../ir/graph.ts";
import { operator } from "../ir/operator.ts";
import { elementCount } from "../ir/shape.ts";
import { attr } from "../ir/signature.ts";
import { normalAxis, required, view } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Flatten.html: to two dimensions, split before `axis`. */
export const Flatten = operator({
  ...view,
  attributes: { axis: attr.int(1) },
  arity: [1, 1],
  infer(inputs, { axis }, what) {
    const { dtype, shape } = required(inputs, 0, what);
    if (axis !== shape.length) normalAxis(axis, shape.length, what);
    return [{ dtype, shape: [elementCount(shape.slice(0, axis)), elementCount(shape.slice(axis))] }];
  },
  vjp: ({ b, inputs: [x], grad }) => [b.op("Reshape", [grad, b.constant(knownShape(x))])],
});
