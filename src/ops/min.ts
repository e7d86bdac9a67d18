import { nonDifferentiable, operator } from "../ir/operator.ts";
import { broadcasting, count } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Min.html : the least of any number of inputs. */
export const Min = operator({
  domain: "",
  attributes: {},
  arity: [1, 4096],
  infer: broadcasting,
  vjp: nonDifferentiable("Min is used only inside optimizers (gradient clipping)"),
  cost: (inputs, outputs) => ({ macs: 0, flops: (inputs.length - 1) * count(outputs[0]) }),
});
