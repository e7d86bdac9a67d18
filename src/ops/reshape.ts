import { SenetError } from "../errors.ts";
import { operator } from "../ir/operator.ts";
import { elementCount, formatShape, multiplyDims } from "../ir/shape.ts";
import { constantNumbers, noCost, required } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Reshape.html; 0 copies a dimension, −1 takes what is left. */
export const Reshape = operator({
  domain: "",
  attributes: {},
  arity: [2, 2],
  infer(inputs, _attrs, what) {
    const x = required(inputs, 0, what);
    const target = constantNumbers(inputs, 1, "the new shape", what);
    const shape = target.map((dim, axis) => (dim === 0 ? x.shape[axis] : dim));
    const wild = shape.indexOf(-1);
    const total = elementCount(x.shape);
    if (wild >= 0) {
      const given = elementCount(shape.filter((_, axis) => axis !== wild));
      // Symbols that stand on both sides cancel; what remains are numbers.
      const symbols = shape.filter((dim) => typeof dim === "string").map(String);
      const rest = x.shape.filter((dim) => !symbols.includes(`${dim}`)).reduce(multiplyDims, 1);
      const known = shape
        .filter((dim, axis) => axis !== wild && typeof dim === "number")
        .reduce(multiplyDims, 1);
      shape[wild] =
        typeof rest === "number" && typeof known === "number" ? rest / known : `${total}/${given}`;
    }
    const found = elementCount(shape);
    const fits = typeof total === "number" && typeof found === "number" ? total === found : true;
    if (!fits || shape.some((dim) => typeof dim === "number" && !Number.isInteger(dim))) {
      throw new SenetError(
        "shape",
        `${what}: ${formatShape(x.shape)} cannot become ${formatShape(target)}, because the numbers of elements differ.`,
      );
    }
    return [{ dtype: x.dtype, shape }];
  },
  vjp: ({ b, inputs: [x], grad }) => [b.op("Reshape", [grad, b.constant(x.shape as number[])]), null],
  cost: noCost,
});
