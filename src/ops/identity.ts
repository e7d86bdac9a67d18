import { operator } from "../ir/operator.ts";
import { likeFirst, view } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Identity.html */
export const Identity = operator({
  ...view,
  arity: [1, 1],
  infer: likeFirst,
  vjp: ({ grad }) => [grad],
});
