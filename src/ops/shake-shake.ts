import { operator } from "../ir/operator.ts";
import { likeFirst, perOutput } from "./shared.ts";

/**
 * `ShakeShake(A, B, forward, backward)`: forward·A + (1 − forward)·B, whose gradient uses the shares `backward` instead
 * (Gastaldi, arXiv 1705.07485). The shares, uniform in [0, 1), are one for each image, [N,1,1,1], and inputs, so that a
 * step is a pure function and a resumed run is exact.
 */
export const ShakeShake = operator({
  domain: "senet",
  kind: "sum",
  mapping: "element-wise",
  arity: [4, 4],
  infer: likeFirst,
  vjp({ b, inputs: [, , , backward], grad }) {
    const first = b.op("Mul", [grad, backward]);
    return [first, b.op("Sub", [grad, first]), null, null];
  },
  cost: perOutput(3),
});
