import { nonDifferentiable, operator } from "../ir/operator.ts";
import { inferReduce, reduceAttributes } from "./reduce-shape.ts";
import { perInput } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__ReduceSumSquare.html */
export const ReduceSumSquare = operator({
  domain: "",
  kind: "other",
  mapping: "other",
  attributes: reduceAttributes,
  arity: [1, 2],
  infer: inferReduce,
  vjp: nonDifferentiable("it is used only for statistics and gradient norms"),
  cost: perInput(2),
});
