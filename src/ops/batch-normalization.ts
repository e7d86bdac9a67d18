import { attr, nonDifferentiable, operator } from "../ir/operator.ts";
import { perChannel } from "./batch-norm-shape.ts";
import { perOutput, required } from "./shared.ts";

/**
 * https://onnx.ai/onnx/operators/onnx__BatchNormalization.html in inference mode:
 * scale·(X − mean)/√(var + epsilon) + bias, by channel (axis 1).
 */
export const BatchNormalization = operator({
  domain: "",
  attributes: { epsilon: attr.float(1e-5), momentum: attr.float(0.9), training_mode: attr.int(0) },
  arity: [5, 5],
  infer(inputs, _attrs, what) {
    const x = required(inputs, 0, what);
    perChannel(inputs, what);
    return [{ dtype: x.dtype, shape: x.shape }];
  },
  vjp: nonDifferentiable("statistics are fixed in inference mode; convert the graph with toTraining first"),
  cost: perOutput(2),
});
