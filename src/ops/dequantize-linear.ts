import { SenetError } from "../base/errors.ts";
import { nonDifferentiable, operator } from "../ir/operator.ts";
import { checkScale, scaling } from "./scale-shape.ts";
import { required } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__DequantizeLinear.html: (x − zero point) · scale. */
export const DequantizeLinear = operator({
  ...scaling,
  infer(inputs, { axis }, what) {
    const { dtype, shape } = required(inputs, 0, what);
    if (dtype !== "uint8" && dtype !== "int8" && dtype !== "int32") {
      throw new SenetError(
        "shape",
        `${what}: expected uint8, int8 or int32, found ${dtype}; quantize it first.`,
      );
    }
    checkScale(inputs, axis, dtype, what);
    return [{ dtype: "float32", shape }];
  },
  vjp: nonDifferentiable("its input is made of integers; train the network before it is quantized"),
});
