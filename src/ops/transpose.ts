import { SenetError } from "../base/errors.ts";
import { operator } from "../ir/operator.ts";
import { attr } from "../ir/signature.ts";
import { copying, required, sameDim } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Transpose.html */
export const Transpose = operator({
  ...copying,
  attributes: { perm: attr.ints() },
  arity: [1, 1],
  infer(inputs, { perm }, what) {
    const { dtype, shape } = required(inputs, 0, what);
    sameDim(perm.length, shape.length, "perm must name every axis", what);
    if (shape.some((_, axis) => !perm.includes(axis))) {
      throw new SenetError(
        "shape",
        `${what}: perm should name each of ${shape.length} axes once, found ${perm.join(", ")}; correct it.`,
      );
    }
    return [{ dtype, shape: perm.map((axis) => shape[axis]) }];
  },
  vjp({ b, attrs: { perm }, grad }) {
    return [b.op("Transpose", [grad], { perm: perm.map((_, axis) => perm.indexOf(axis)) })];
  },
});
