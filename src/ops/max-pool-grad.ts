import { nonDifferentiable, operator } from "../ir/operator.ts";
import { attr } from "../ir/signature.ts";
import { poolAttributes } from "./pool-shape.ts";
import { count, required } from "./shared.ts";

/** `MaxPoolGrad(dY, X)` → dX: each gradient goes to the first maximum of its window, in row-major order. */
export const MaxPoolGrad = operator({
  domain: "senet",
  kind: "pooling",
  attributes: { ...poolAttributes, dilations: attr.ints([1, 1]) },
  arity: [2, 2],
  infer(inputs, _attrs, what) {
    const { dtype, shape } = required(inputs, 1, what);
    return [{ dtype, shape }];
  },
  vjp: nonDifferentiable("it is itself a gradient, and second derivatives are not supported"),
  cost([dy], _outputs, { kernel_shape: [height, width] }) {
    return { macs: 0, flops: count(dy) * height * width };
  },
});
