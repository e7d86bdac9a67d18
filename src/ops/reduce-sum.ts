import { knownShape } from "../ir/graph.ts";
import { operator } from "../ir/operator.ts";
import { inferReduce, keptShape, reduceAttributes } from "./reduce-shape.ts";
import { perInput } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__ReduceSum.html */
export const ReduceSum = operator({
  domain: "",
  kind: "other",
  mapping: "other",
  attributes: reduceAttributes,
  arity: [1, 2],
  infer: inferReduce,
  vjp({ b, inputs, attrs, grad }) {
    const kept = b.op("Reshape", [grad, b.constant(keptShape(inputs, attrs))]);
    const dx = b.op("Expand", [kept, b.constant(knownShape(inputs[0]))]);
    return inputs.map((_, i) => (i === 0 ? dx : null));
  },
  cost: perInput(1),
});
