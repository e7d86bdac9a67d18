import { operator } from "../ir/operator.ts";
import { attr } from "../ir/signature.ts";
import { likeFirstAlongAxis, perOutput } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__LogSoftmax.html */
export const LogSoftmax = operator({
  domain: "",
  kind: "activation",
  mapping: "other",
  attributes: { axis: attr.int(-1) },
  arity: [1, 1],
  infer: likeFirstAlongAxis,
  // dx = dy − softmax(x)·Σ dy
  vjp({ b, inputs: [x], attrs, grad }) {
    const total = b.op("ReduceSum", [grad, b.constant([attrs.axis])]);
    return [b.op("Sub", [grad, b.op("Mul", [b.op("Softmax", [x], attrs), total])])];
  },
  cost: perOutput(5),
});
