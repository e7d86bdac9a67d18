import { nonDifferentiable, operator } from "../ir/operator.ts";
import { attr } from "../ir/signature.ts";
import { copying, likeFirst } from "./shared.ts";

/** ONNX Runtime's copy of a map in blocks of channels back to [N,C,H,W]. @see NchwcConv */
export const ReorderOutput = operator({
  domain: "com.microsoft.nchwc",
  ...copying,
  attributes: { channels: attr.int() },
  arity: [1, 1],
  infer: likeFirst,
  vjp: nonDifferentiable("NCHWc layouts appear only in lowered graphs"),
});
