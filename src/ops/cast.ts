import { SenetError } from "../base/errors.ts";
import { type DType, dtypes } from "../ir/dtype.ts";
import { nonDifferentiable, operator } from "../ir/operator.ts";
import { attr } from "../ir/signature.ts";
import { copying, required } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Cast.html; `to` is ONNX's number of the dtype. */
export const Cast = operator({
  ...copying,
  attributes: { to: attr.int() },
  arity: [1, 1],
  infer(inputs, { to }, what) {
    const name = (Object.keys(dtypes) as DType[]).find((dtype) => dtypes[dtype].onnx === to);
    if (!name)
      throw new SenetError(
        "shape",
        `${what}: element type ${to} is not supported; cast to one of ${Object.keys(dtypes).join(", ")}.`,
      );
    return [{ dtype: name, shape: required(inputs, 0, what).shape }];
  },
  vjp: nonDifferentiable("a cast usually makes integers or truth values"),
});
