import { SenetError } from "../base/errors.ts";
import { knownShape } from "../ir/graph.ts";
import { operator } from "../ir/operator.ts";
import { type Dim, elementCount, formatShape, type Shape, sizeOf } from "../ir/shape.ts";
import { constantNumbers, required, view } from "./shared.ts";

/** https://onnx.ai/onnx/operators/onnx__Reshape.html; 0 copies a dimension, −1 takes the rest. */
export const Reshape = operator({
  ...view,
  arity: [2, 2],
  infer(inputs, _attrs, what) {
    const x = required(inputs, 0, what);
    const target = constantNumbers(inputs, 1, "the new shape", what);
    checkTarget(target, x.shape, what);
    const shape = target.map((dim, axis) => (dim === 0 ? x.shape[axis] : dim));
    const wild = shape.indexOf(-1);
    const given = shape.filter((_, axis) => axis !== wild);
    const left = leftOf(x.shape, given);
    if (wild >= 0) shape[wild] = left;
    const isWhole = wild >= 0 ? Number.isInteger(left) : product(x.shape) === product(given);
    if (typeof left === "number" && !isWhole) {
      throw new SenetError(
        "shape",
        `${what}: expected a shape for the elements of ${formatShape(x.shape)}, found ${formatShape(target)}, which has another number of them; correct the shape.`,
      );
    }
    return [{ dtype: x.dtype, shape }];
  },
  vjp: ({ b, inputs: [x], grad }) => [b.op("Reshape", [grad, b.constant(knownShape(x))]), null],
});

/** Throws unless each number is a dimension, a 0 that has one to copy, or the only −1. */
function checkTarget(target: readonly number[], source: Shape, what: string): void {
  const copies = target.every((dim, axis) => dim !== 0 || axis < source.length);
  if (copies && target.every((dim) => dim >= -1) && target.indexOf(-1) === target.lastIndexOf(-1)) return;
  throw new SenetError(
    "shape",
    `${what}: expected a new shape of dimensions from 1, at most one −1, and a 0 only where ${formatShape(source)} has a dimension to copy, found ${formatShape(target)}; correct it.`,
  );
}

/** The dimension that makes `given` as large as `whole`: symbols on both sides cancel, one for one, and numbers divide. */
function leftOf(whole: Shape, given: Shape): Dim {
  const symbols = whole.filter((dim) => typeof dim === "string");
  for (const dim of given) {
    if (typeof dim === "string") symbols.splice(symbols.indexOf(dim), 1);
  }
  const factor = product(whole) / product(given);
  if (symbols.length === 0 || Number.isInteger(factor)) return elementCount([...symbols, factor]);
  return `(${elementCount(whole)}/${elementCount(given)})`;
}

/** Of the dimensions that are numbers. */
function product(shape: Shape): number {
  return sizeOf(shape.filter((dim) => typeof dim === "number"));
}
