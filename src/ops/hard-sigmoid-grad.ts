import { nonDifferentiable, operator } from "../ir/operator.ts";
import { attr } from "../ir/signature.ts";
import { likeFirst, perOutput } from "./shared.ts";

/** `HardSigmoidGrad(dY, Y)`: alpha·dY where 0 < Y < 1, else 0. */
export const HardSigmoidGrad = operator({
  domain: "senet",
  kind: "activation",
  mapping: "element-wise",
  attributes: { alpha: attr.float() },
  arity: [2, 2],
  infer: likeFirst,
  vjp: nonDifferentiable("it is itself a gradient, and second derivatives are not supported"),
  cost: perOutput(2),
});
