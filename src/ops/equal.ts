import { nonDifferentiable, operator } from "../ir/operator.ts";
import { broadcasting, perOutput } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Equal.html */
export const Equal = operator({
  kind: "other",
  arity: [2, 2],
  infer: (inputs, attrs, what) => [{ ...broadcasting(inputs, attrs, what)[0], dtype: "bool" }],
  vjp: nonDifferentiable("its output is a truth value"),
  cost: perOutput(1),
});
