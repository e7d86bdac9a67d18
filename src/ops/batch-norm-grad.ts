import { operator } from "../ir/operator.ts";
import { perChannel } from "./batch-norm-shape.ts";
import { ofGradient, perOutput, required } from "./shared.ts";

/** `BatchNormGrad(dY, X, scale, batchMean, invStd)` → dX, dScale, dBias: the gradient through the batch's statistics too. */
export const BatchNormGrad = operator({
  domain: "senet",
  kind: "normalization",
  arity: [5, 5],
  infer(inputs, _attrs, what) {
    const { dtype, shape } = required(inputs, 0, what);
    perChannel(inputs, what, 2);
    const channel = { dtype, shape: [shape[1]] };
    return [{ dtype, shape }, channel, channel];
  },
  vjp: ofGradient,
  cost: perOutput(9),
});
