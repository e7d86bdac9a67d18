import { SenetError } from "../base/errors.ts";
import { nonDifferentiable, operator } from "../ir/operator.ts";
import { checkScale, scaling } from "./scale-shape.ts";
import { required } from "./shared.ts";

/**
 * https://onnx.ai/onnx/operators/onnx__QuantizeLinear.html: round(x / scale) + zero point, half to even, clipped to the zero point's
 * type (uint8 without one).
 */
export const QuantizeLinear = operator({
  ...scaling,
  infer(inputs, { axis }, what) {
    const { dtype, shape } = required(inputs, 0, what);
    if (dtype !== "float32")
      throw new SenetError("shape", `${what}: expected float32, found ${dtype}; cast it.`);
    checkScale(inputs, axis, undefined, what);
    return [{ dtype: inputs[2]?.dtype ?? "uint8", shape }];
  },
  vjp: nonDifferentiable(
    "rounding has a slope of 0 almost everywhere; train the network before it is quantized",
  ),
});
