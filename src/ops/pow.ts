import { SenetError } from "../base/errors.ts";
import { operator } from "../ir/operator.ts";
import { broadcastShapes } from "../ir/shape.ts";
import { scalar } from "../ir/tensor.ts";
import { perOutput, required } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Pow.html: x to the power of the second input, in the dtype of x. */
export const Pow = operator({
  kind: "other",
  mapping: "broadcast",
  arity: [2, 2],
  infer(inputs, _attrs, what) {
    const [x, exponent] = [required(inputs, 0, what), required(inputs, 1, what)];
    return [{ dtype: x.dtype, shape: broadcastShapes(x.shape, exponent.shape, what) }];
  },
  vjp({ b, inputs: [x, exponent], grad, needs }) {
    const numbers = exponent.tensor?.data;
    if (needs[1] || numbers?.length !== 1) {
      throw new SenetError(
        "gradient",
        "Pow: the gradient is written for one constant exponent only; use a constant, or Mul.",
      );
    }
    // d xⁿ/dx = n·xⁿ⁻¹
    const power = Number(numbers[0]);
    const slope = b.op("Pow", [x, b.constant(scalar(power - 1, x.dtype))]);
    return [b.op("Mul", [grad, b.op("Mul", [slope, b.constant(scalar(power, x.dtype))])]), null];
  },
  cost: perOutput(1),
});
