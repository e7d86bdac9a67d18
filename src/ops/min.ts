import { nonDifferentiable, operator } from "../ir/operator.ts";
import { broadcasting, perOutput } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Min.html (two inputs) */
export const Min = operator({
  domain: "",
  attributes: {},
  arity: [2, 2],
  infer: broadcasting,
  vjp: nonDifferentiable("Min is used only inside optimizers (gradient clipping)"),
  cost: perOutput(1),
});
