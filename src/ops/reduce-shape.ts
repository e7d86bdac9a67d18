import { knownShape, type Node, type Value } from "../ir/graph.ts";
import type { Kind } from "../ir/operator.ts";
import { type AttrsOf, attr, type ValueType } from "../ir/signature.ts";
import { constantNumbers, normalAxis, perInput, required } from "./shared.ts";

/** Attributes of reductions; the axes are input 1. */
const reduceAttributes = { keepdims: attr.int(1), noop_with_empty_axes: attr.int(0) };

type ReduceAttrs = AttrsOf<typeof reduceAttributes>;

/** The axes a reduction runs over: those of input 1; when it names none, all, or with `noop_with_empty_axes` none. */
function reducedAxes(inputs: readonly (Value | null)[], attrs: ReduceAttrs, what: string): number[] {
  const { shape } = required(inputs, 0, what);
  const named = inputs[1] ? constantNumbers(inputs, 1, "axes", what) : [];
  if (named.length === 0) return attrs.noop_with_empty_axes ? [] : shape.map((_, axis) => axis);
  return named.map((axis) => normalAxis(axis, shape.length, what));
}

/** The axes that a reduction in a graph runs over, counted from the front, in their order. @example axesOf(pool).join() === "2,3" */
export function axesOf({ op, inputs, attrs }: Node): number[] {
  return reducedAxes(inputs, attrs as ReduceAttrs, op).sort((a, b) => a - b);
}

function inferReduce(inputs: readonly (Value | null)[], attrs: ReduceAttrs, what: string): ValueType[] {
  const { dtype, shape } = required(inputs, 0, what);
  const axes = reducedAxes(inputs, attrs, what);
  const kept = shape.flatMap((dim, axis) => (axes.includes(axis) ? (attrs.keepdims ? [1] : []) : [dim]));
  return [{ dtype, shape: kept }];
}

/** The rules of a reduction that takes `perElement` operations for each element that it reads. */
export function reduction<K extends Kind>(kind: K, perElement: number) {
  return {
    kind,
    mapping: "other",
    attributes: reduceAttributes,
    arity: [1, 2],
    infer: inferReduce,
    cost: perInput(perElement),
  } as const;
}

/** The shape a reduction would have with keepdims, to broadcast its gradient back. */
export function keptShape(inputs: readonly Value[], attrs: ReduceAttrs): number[] {
  const axes = reducedAxes(inputs, attrs, "reduction");
  return knownShape(inputs[0]).map((dim, axis) => (axes.includes(axis) ? 1 : dim));
}
