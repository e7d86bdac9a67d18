import { knownShape } from "../ir/graph.ts";
import { operator } from "../ir/operator.ts";
import { elementCount } from "../ir/shape.ts";
import { ofRank, perInput } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__GlobalAveragePool.html: [N,C,H,W] → [N,C,1,1]. The paper's squeeze. */
export const GlobalAveragePool = operator({
  kind: "pooling",
  arity: [1, 1],
  infer(inputs, _attrs, what) {
    const x = ofRank(inputs, 0, 4, "N×C×H×W", what);
    return [{ dtype: x.dtype, shape: [x.shape[0], x.shape[1], 1, 1] }];
  },
  vjp({ b, inputs: [x], grad }) {
    const share = b.constant(1 / Number(elementCount(x.shape.slice(2))));
    return [b.op("Expand", [b.op("Mul", [grad, share]), b.constant(knownShape(x))])];
  },
  cost: perInput(1),
});
