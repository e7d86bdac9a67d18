import { nonDifferentiable, operator } from "../ir/operator.ts";
import { copying, likeFirst } from "./shared.ts";

/** ONNX Runtime's copy of a map [N,C,H,W] into blocks of channels; the stated shape stays. @see NchwcConv */
export const ReorderInput = operator({
  domain: "com.microsoft.nchwc",
  ...copying,
  arity: [1, 1],
  infer: likeFirst,
  vjp: nonDifferentiable("NCHWc layouts appear only in lowered graphs"),
});
