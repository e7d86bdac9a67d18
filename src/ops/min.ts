import { nonDifferentiable, operator } from "../ir/operator.ts";
import { variadic } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Min.html : the element-wise minimum of any number of inputs. */
export const Min = operator({
  ...variadic("other"),
  vjp: nonDifferentiable("no rule is written for it, as only optimizers use it here (gradient clipping)"),
});
