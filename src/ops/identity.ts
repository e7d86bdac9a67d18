import { operator } from "../ir/operator.ts";
import { likeFirst, noCost } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Identity.html */
export const Identity = operator({
  domain: "",
  kind: "other",
  mapping: "view",
  attributes: {},
  arity: [1, 1],
  infer: likeFirst,
  vjp: ({ grad }) => [grad],
  cost: noCost,
});
