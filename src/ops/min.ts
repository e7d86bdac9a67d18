import { nonDifferentiable, operator } from "../ir/operator.ts";
import { broadcasting, count } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Min.html : the least of any number of inputs. */
export const Min = operator({
  domain: "",
  attributes: {},
  arity: [1, 4096],
  infer: broadcasting,
  vjp: nonDifferentiable("no rule is written for it, as only optimizers use it here (gradient clipping)"),
  cost: (inputs, outputs) => ({ macs: 0, flops: (inputs.length - 1) * count(outputs[0]) }),
});
