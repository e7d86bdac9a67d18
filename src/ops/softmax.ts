import { operator } from "../ir/operator.ts";
import { attr } from "../ir/signature.ts";
import { likeFirstAlongAxis, perOutput } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Softmax.html */
export const Softmax = operator({
  domain: "",
  kind: "activation",
  mapping: "other",
  attributes: { axis: attr.int(-1) },
  arity: [1, 1],
  infer: likeFirstAlongAxis,
  // dx = y·(dy − Σ dy·y)
  vjp({ b, outputs: [y], attrs, grad }) {
    const weighted = b.op("ReduceSum", [b.op("Mul", [grad, y]), b.constant([attrs.axis])]);
    return [b.op("Mul", [y, b.op("Sub", [grad, weighted])])];
  },
  cost: perOutput(5),
});
