import { operator } from "../ir/operator.ts";
import { attr } from "../ir/signature.ts";
import { perChannel } from "./batch-norm-shape.ts";
import { perOutput, required } from "./shared.ts";

/**
 * BatchNorm with the statistics of the batch (Ioffe and Szegedy, arXiv 1502.03167, algorithm 1), as PyTorch trains it:
 * `BatchNormTrain(X, scale, bias, mean, var)` → Y, batchMean, invStd, newMean, newVar, where
 * newMean = (1 − momentum)·mean + momentum·batchMean, and newVar likewise with the unbiased variance.
 */
export const BatchNormTrain = operator({
  domain: "senet",
  kind: "normalization",
  attributes: { epsilon: attr.float(1e-5), momentum: attr.float(0.1) },
  arity: [5, 5],
  infer(inputs, _attrs, what) {
    const { dtype, shape } = required(inputs, 0, what);
    perChannel(inputs, what);
    const statistic = { dtype, shape: [shape[1]] };
    return [{ dtype, shape }, statistic, statistic, statistic, statistic];
  },
  vjp({ b, inputs: [x, scale], outputs: [, mean, invStd], grad }) {
    const [dx, dScale, dBias] = b.ops("BatchNormGrad", [grad, x, scale, mean, invStd]);
    return [dx, dScale, dBias, null, null];
  },
  cost: perOutput(7),
});
