import { operator } from "../ir/operator.ts";
import { attr } from "../ir/signature.ts";
import { likeFirst, ofGradient, perOutput } from "./shared.ts";

/** `HardSigmoidGrad(dY, Y)`: alpha·dY where 0 < Y < 1, else 0. */
export const HardSigmoidGrad = operator({
  domain: "senet",
  kind: "activation",
  mapping: "element-wise",
  attributes: { alpha: attr.float() },
  arity: [2, 2],
  infer: likeFirst,
  vjp: ofGradient,
  cost: perOutput(2),
});
