import { operator } from "../ir/operator.ts";
import { attr } from "../ir/signature.ts";
import { inferPool, perWindow, poolAttributes } from "./pool-shape.ts";

/** https://onnx.ai/onnx/operators/onnx__MaxPool.html, two-dimensional, without indices. */
export const MaxPool = operator({
  kind: "pooling",
  attributes: { ...poolAttributes, dilations: attr.ints([1, 1]) },
  arity: [1, 1],
  infer: inferPool,
  vjp: ({ b, inputs: [x], attrs, grad }) => [b.op("MaxPoolGrad", [grad, x], attrs)],
  cost: (_inputs, [y], attrs) => perWindow(y, attrs),
});
