import { operator } from "../ir/operator.ts";
import { attr } from "../ir/signature.ts";
import { convAttributes } from "./conv-shape.ts";
import { count, ofGradient, ofMacs, ofRank } from "./shared.ts";

/** `ConvGradInput(dY, W)` → dX of `input_shape`: the gradient of Conv for its input. */
export const ConvGradInput = operator({
  domain: "senet",
  kind: "convolution",
  attributes: { ...convAttributes, input_shape: attr.ints() },
  arity: [2, 2],
  infer(inputs, attrs, what) {
    return [{ dtype: ofRank(inputs, 0, 4, "N×C×H×W", what).dtype, shape: attrs.input_shape }];
  },
  vjp: ofGradient,
  cost: ([dy, w]) => ofMacs((count(dy) * count(w)) / Number(w?.[0])),
});
