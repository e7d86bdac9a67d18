import { nonDifferentiable, operator } from "../ir/operator.ts";
import { likeFirst, view } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Dropout.html in inference mode, where it changes nothing: data, ratio. */
export const Dropout = operator({
  ...view,
  arity: [1, 2],
  infer: likeFirst,
  vjp: nonDifferentiable("it only acts in training; convert the graph with toTraining first"),
});
