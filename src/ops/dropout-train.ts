import { operator } from "../ir/operator.ts";
import { attr } from "../ir/signature.ts";
import { likeFirst, perOutput } from "./shared.ts";

/**
 * `DropoutTrain(X, noise)`: X/(1 − ratio) where noise ≥ ratio, else 0 (Srivastava et al., 2014, "inverted").
 * The noise, uniform in [0, 1), is an input, so that a step is a pure function and a resumed run is exact.
 */
export const DropoutTrain = operator({
  domain: "senet",
  kind: "other",
  mapping: "element-wise",
  attributes: { ratio: attr.float() },
  arity: [2, 2],
  infer: likeFirst,
  vjp: ({ b, inputs: [, noise], attrs, grad }) => [b.op("DropoutTrain", [grad, noise], attrs), null],
  cost: perOutput(3),
});
