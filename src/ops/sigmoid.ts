import { operator } from "../ir/operator.ts";
import { likeFirst, perOutput } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Sigmoid.html */
export const Sigmoid = operator({
  domain: "",
  attributes: {},
  arity: [1, 1],
  infer: likeFirst,
  // dσ/dx = σ·(1 − σ) = σ − σ²
  vjp: ({ b, outputs: [y], grad }) => [b.op("Mul", [grad, b.op("Sub", [y, b.op("Mul", [y, y])])])],
  cost: perOutput(4),
});
