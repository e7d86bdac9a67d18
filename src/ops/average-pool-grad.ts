import { operator } from "../ir/operator.ts";
import { attr } from "../ir/signature.ts";
import { perWindow, poolAttributes } from "./pool-shape.ts";
import { ofGradient, required } from "./shared.ts";

/** `AveragePoolGrad(dY)` → dX of `input_shape`: each gradient spread evenly over its window. */
export const AveragePoolGrad = operator({
  domain: "senet",
  kind: "pooling",
  attributes: { ...poolAttributes, count_include_pad: attr.int(0), input_shape: attr.ints() },
  arity: [1, 1],
  infer(inputs, attrs, what) {
    return [{ dtype: required(inputs, 0, what).dtype, shape: attrs.input_shape }];
  },
  vjp: ofGradient,
  cost: ([dy], _outputs, attrs) => perWindow(dy, attrs),
});
