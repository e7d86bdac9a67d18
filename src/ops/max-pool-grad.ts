import { operator } from "../ir/operator.ts";
import { attr } from "../ir/signature.ts";
import { perWindow, poolAttributes } from "./pool-shape.ts";
import { ofGradient, required } from "./shared.ts";

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
  vjp: ofGradient,
  cost: ([dy], _outputs, attrs) => perWindow(dy, attrs),
});
