import { operator } from "../ir/operator.ts";
import { GlobalAveragePool } from "./global-average-pool.ts";
import { reducedMaxGrad } from "./max-grad.ts";

/** https://onnx.ai/onnx/operators/onnx__GlobalMaxPool.html: [N,C,H,W] → [N,C,1,1]. The other squeeze of the paper's table 11. */
export const GlobalMaxPool = operator({
  ...GlobalAveragePool,
  vjp: ({ b, inputs: [x], outputs: [y], grad }) => [reducedMaxGrad(b, x, y, grad, [2, 3])],
});
