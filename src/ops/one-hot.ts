import { SenetError } from "../base/errors.ts";
import { nonDifferentiable, operator } from "../ir/operator.ts";
import { attr } from "../ir/signature.ts";
import { constantNumbers, copying, required } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__OneHot.html with a new last axis: indices, depth, [off, on]. */
export const OneHot = operator({
  ...copying,
  attributes: { axis: attr.int(-1) },
  arity: [3, 3],
  infer(inputs, { axis }, what) {
    if (axis !== -1)
      throw new SenetError("shape", `${what}: expected axis −1, found ${axis}; transpose the result.`);
    const [depth] = constantNumbers(inputs, 1, "depth", what);
    const { dtype } = required(inputs, 2, what);
    return [{ dtype, shape: [...required(inputs, 0, what).shape, depth] }];
  },
  vjp: nonDifferentiable("class indices are integers"),
});
