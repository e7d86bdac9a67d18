import { operator } from "../ir/operator.ts";
import { reducedGreatestGrad } from "./greatest-grad.ts";
import { ofRank, perInput } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__GlobalMaxPool.html: [N,C,H,W] → [N,C,1,1]. The other squeeze of the paper's table 11. */
export const GlobalMaxPool = operator({
  domain: "",
  attributes: {},
  arity: [1, 1],
  infer(inputs, _attrs, what) {
    const x = ofRank(inputs, 0, 4, "N×C×H×W", what);
    return [{ dtype: x.dtype, shape: [x.shape[0], x.shape[1], 1, 1] }];
  },
  vjp: ({ b, inputs: [x], outputs: [y], grad }) => [reducedGreatestGrad(b, x, y, grad, [2, 3])],
  cost: perInput(1),
});
