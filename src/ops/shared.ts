import { SenetError } from "../base/errors.ts";
import type { DType } from "../ir/dtype.ts";
import type { Value } from "../ir/graph.ts";
import { type Cost, type Kind, nonDifferentiable, type Sizes } from "../ir/operator.ts";
import { broadcastShapes, type Dim, formatShape, type Shape, sizeOf } from "../ir/shape.ts";
import { attr, type ValueType } from "../ir/signature.ts";

/** The input an operator cannot do without. */
export function required(inputs: readonly (Value | null)[], index: number, what: string): Value {
  const value = inputs[index];
  if (!value) throw new SenetError("shape", `${what}: input ${index} is missing and not optional; pass it.`);
  return value;
}

/** Input `index`, of exactly `rank` dimensions; `layout` names them for the message. */
export function ofRank(
  inputs: readonly (Value | null)[],
  index: number,
  rank: number,
  layout: string,
  what: string,
): Value {
  const value = required(inputs, index, what);
  if (value.shape.length !== rank) {
    throw new SenetError(
      "shape",
      `${what}: input ${index} should be ${layout} (${rank} dimensions), found ${formatShape(value.shape)}; reshape it.`,
    );
  }
  return value;
}

/** The two factors of a matrix product, of at least 2 dimensions each. */
export function matrices(inputs: readonly (Value | null)[], what: string): [Value, Value] {
  const [x, y] = [required(inputs, 0, what), required(inputs, 1, what)];
  if (x.shape.length >= 2 && y.shape.length >= 2) return [x, y];
  throw new SenetError(
    "shape",
    `${what}: both inputs should have at least 2 dimensions, found ${formatShape(x.shape)} and ${formatShape(y.shape)}; reshape them.`,
  );
}

/** Throws unless two dimensions agree; a symbol agrees only with itself. */
export function sameDim(left: Dim, right: Dim, rule: string, what: string): void {
  if (left !== right)
    throw new SenetError("shape", `${what}: ${rule}, found ${left} and ${right}; correct one.`);
}

/** Throws unless the groups of a convolution divide a number of channels. */
export function multipleOf(group: number, found: number, counted: string, what: string): void {
  if (Number.isInteger(found / group)) return;
  throw new SenetError(
    "shape",
    `${what}: expected ${counted} to be a multiple of group ${group}, found ${found}; change one.`,
  );
}

/** Dimension `axis` as a number, for rules that have to calculate with it. */
export function knownDim(shape: Shape, axis: number, what: string): number {
  const dim = shape[axis];
  if (typeof dim === "number") return dim;
  throw new SenetError(
    "shape",
    `${what}: expected a known dimension on axis ${axis}, found ${dim}; bind it to a number first (bindDims).`,
  );
}

/** Shape rule of operators whose output is like their first input. */
export function likeFirst(inputs: readonly (Value | null)[], _attrs: unknown, what: string): ValueType[] {
  const { dtype, shape } = required(inputs, 0, what);
  return [{ dtype, shape }];
}

/** Shape rule of element-wise operators with broadcasting. */
export function broadcasting(inputs: readonly (Value | null)[], _attrs: unknown, what: string): ValueType[] {
  const first = required(inputs, 0, what);
  let shape: Shape = first.shape;
  for (let i = 1; i < inputs.length; i++)
    shape = broadcastShapes(shape, required(inputs, i, what).shape, what);
  return [{ dtype: sameDType(inputs, what), shape }];
}

/** The dtype that all inputs must have. */
export function sameDType(inputs: readonly (Value | null)[], what: string): DType {
  const { dtype } = required(inputs, 0, what);
  const other = inputs.find((input) => input && input.dtype !== dtype);
  if (!other) return dtype;
  throw new SenetError(
    "shape",
    `${what}: inputs should have one dtype, found ${dtype} and ${other.dtype}; cast one.`,
  );
}

/** Elements of an input or output; none of one that is left out. */
export function count(shape: Sizes | null): number {
  return shape ? sizeOf(shape) : 0;
}

/** Cost of moving elements without arithmetic. */
function noCost(): Cost {
  return { macs: 0, flops: 0 };
}

/** Of operators that give their first input another shape or name. */
export const view = { kind: "other", mapping: "view", cost: noCost } as const;

/** Of operators that only move elements. */
export const copying = { kind: "other", mapping: "other", cost: noCost } as const;

/** Cost of multiply-accumulates, and of so many other operations. */
export function ofMacs(macs: number, others = 0): Cost {
  return { macs, flops: 2 * macs + others };
}

/** Cost of `perElement` operations for each element of the output. */
export function perOutput(perElement: number) {
  return (_inputs: readonly (Sizes | null)[], outputs: readonly Sizes[]): Cost => ({
    macs: 0,
    flops: perElement * count(outputs[0]),
  });
}

/** Cost of `perElement` operations for each element of the first input. */
export function perInput(perElement: number) {
  return (inputs: readonly (Sizes | null)[]): Cost => ({ macs: 0, flops: perElement * count(inputs[0]) });
}

/** Why gradients have none. */
export const ofGradient = nonDifferentiable(
  "it is itself a gradient, and second derivatives are not supported",
);

/** The rules of an operator that works element by element on one input: `perElement` operations each. */
export function elementWise<K extends Kind>(kind: K, perElement: number) {
  return {
    kind,
    mapping: "element-wise",
    arity: [1, 1],
    infer: likeFirst,
    cost: perOutput(perElement),
  } as const;
}

/** The rules of activations that normalize along an axis, which must exist. */
export const alongAxis = {
  ...elementWise("activation", 5),
  mapping: "other",
  attributes: { axis: attr.int(-1) },
  infer(inputs: readonly (Value | null)[], { axis }: { readonly axis: number }, what: string) {
    normalAxis(axis, required(inputs, 0, what).shape.length, what);
    return likeFirst(inputs, {}, what);
  },
} as const;

/** The rules of an operator that combines two inputs element by element, with broadcasting. */
export function pairwise<K extends Kind>(kind: K) {
  return { kind, mapping: "broadcast", arity: [2, 2], infer: broadcasting, cost: perOutput(1) } as const;
}

/** The same of any number of inputs, one after another. */
export function variadic<K extends Kind>(kind: K) {
  const cost = (inputs: readonly unknown[], outputs: readonly Sizes[]): Cost =>
    perOutput(inputs.length - 1)([], outputs);
  return { ...pairwise(kind), arity: [1, 4096], cost } as const;
}

/** Content of an input that must be known when the graph is built (a shape, axes, pads). */
export function constantNumbers(
  inputs: readonly (Value | null)[],
  index: number,
  meaning: string,
  what: string,
): number[] {
  const data = required(inputs, index, what).tensor?.data;
  if (!data) {
    throw new SenetError(
      "shape",
      `${what}: input ${index} (${meaning}) should be a constant, found a value that is computed or fed; compute it when the graph is built.`,
    );
  }
  return Array.from(data, Number);
}

/** `axis` counted from the front. */
export function normalAxis(axis: number, rank: number, what: string): number {
  const normal = axis < 0 ? axis + rank : axis;
  if (normal < 0 || normal >= rank) {
    throw new SenetError(
      "shape",
      `${what}: axis ${axis} does not exist in ${rank} dimensions; take one of those.`,
    );
  }
  return normal;
}
