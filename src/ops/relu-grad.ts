import { operator } from "../ir/operator.ts";
import { likeFirst, ofGradient, perOutput } from "./shared.ts";

/** `ReluGrad(dY, Y)`: dY where Y > 0, else 0. */
export const ReluGrad = operator({
  domain: "senet",
  kind: "activation",
  mapping: "element-wise",
  arity: [2, 2],
  infer: likeFirst,
  vjp: ofGradient,
  cost: perOutput(1),
});
