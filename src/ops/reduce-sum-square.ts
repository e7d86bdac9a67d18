import { nonDifferentiable, operator } from "../ir/operator.ts";
import { reduction } from "./reduce-shape.ts";

/** https://onnx.ai/onnx/operators/onnx__ReduceSumSquare.html */
export const ReduceSumSquare = operator({
  ...reduction("other", 2),
  vjp: nonDifferentiable("it is used only for statistics and gradient norms"),
});
