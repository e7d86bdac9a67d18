import { operator } from "../ir/operator.ts";
import { broadcastShapes } from "../ir/shape.ts";
import { constantNumbers, copying, required } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Expand.html: repetition by broadcasting. */
export const Expand = operator({
  ...copying,
  arity: [2, 2],
  infer(inputs, _attrs, what) {
    const x = required(inputs, 0, what);
    const shape = broadcastShapes(x.shape, constantNumbers(inputs, 1, "the shape", what), what);
    return [{ dtype: x.dtype, shape }];
  },
  vjp: ({ grad }) => [grad, null], // differentiate sums over what was repeated
});
