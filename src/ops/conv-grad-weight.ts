import { operator } from "../ir/operator.ts";
import { convAttributes } from "./conv-shape.ts";
import { count, ofGradient, ofMacs, ofRank } from "./shared.ts";

/** `ConvGradWeight(X, dY)` → dW [M, C/group, kH, kW]: the gradient of Conv for its weight, summed over the batch. */
export const ConvGradWeight = operator({
  domain: "senet",
  kind: "convolution",
  attributes: convAttributes,
  arity: [2, 2],
  infer(inputs, attrs, what) {
    const x = ofRank(inputs, 0, 4, "N×C×H×W", what);
    const dy = ofRank(inputs, 1, 4, "N×M×H×W", what);
    const shape = [dy.shape[1], Number(x.shape[1]) / attrs.group, ...attrs.kernel_shape];
    return [{ dtype: x.dtype, shape }];
  },
  vjp: ofGradient,
  cost: ([, dy], [dw]) => ofMacs((count(dy) * count(dw)) / Number(dw[0])),
});
