import { knownShape } from "../ir/graph.ts";
import { operator } from "../ir/operator.ts";
import { sizeOf } from "../ir/shape.ts";
import { inferReduce, keptShape, reduceAttributes } from "./reduce-shape.ts";
import { perInput } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__ReduceMean.html */
export const ReduceMean = operator({
  domain: "",
  kind: "pooling",
  mapping: "other",
  attributes: reduceAttributes,
  arity: [1, 2],
  infer: inferReduce,
  vjp({ b, inputs, attrs, grad }) {
    const shape = knownShape(inputs[0]);
    const kept = keptShape(inputs, attrs);
    const share = b.op("Mul", [grad, b.constant(sizeOf(kept) / sizeOf(shape))]);
    const dx = b.op("Expand", [b.op("Reshape", [share, b.constant(kept)]), b.constant(shape)]);
    return inputs.map((_, i) => (i === 0 ? dx : null));
  },
  cost: perInput(1),
});
