import { knownShape } from "../ir/graph.ts";
import { operator } from "../ir/operator.ts";
import { attr } from "../ir/signature.ts";
import { inferPool, perWindow, poolAttributes } from "./pool-shape.ts";

/** https://onnx.ai/onnx/operators/onnx__AveragePool.html, two-dimensional. */
export const AveragePool = operator({
  kind: "pooling",
  attributes: { ...poolAttributes, count_include_pad: attr.int(0) },
  arity: [1, 1],
  infer: inferPool,
  vjp({ b, inputs: [x], attrs, grad }) {
    return [b.op("AveragePoolGrad", [grad], { ...attrs, input_shape: knownShape(x) })];
  },
  cost: (_inputs, [y], attrs) => perWindow(y, attrs),
});
