import { input, numberAttr, optionalInput } from "./arguments.ts";
import { at, positiveAxis, refTensor, tabulate } from "./ref-tensor.ts";
import type { ReferenceFunction, RefTensor } from "./types.ts";

export const reduceSum = reduction(total);
export const reduceMean = reduction(mean);
export const reduceMax = reduction(largest);
export const reduceSumSquare = reduction((values) => total(values.map((x) => x * x)));

export const globalAveragePool = globalPool(mean);
export const globalMaxPool = globalPool(largest);

/** ONNX ArgMax: the place of the first maximum along `axis`, or with `select_last_index` the last. */
export const argMax: ReferenceFunction = (inputs, attrs) => {
  const place = (values: readonly number[]) => {
    const best = largest(values);
    return numberAttr(attrs, "select_last_index", 0) === 1 ? values.lastIndexOf(best) : values.indexOf(best);
  };
  const keep = numberAttr(attrs, "keepdims", 1) === 1;
  return [reduceOver(input(inputs, 0), [numberAttr(attrs, "axis", 0)], keep, place)];
};

/** ONNX Softmax (since opset 13: along one axis). The maximum is taken off first so that `exp` cannot overflow. */
export const softmax: ReferenceFunction = (inputs, attrs) => [
  alongAxis(input(inputs, 0), numberAttr(attrs, "axis", -1), (values) => {
    const best = largest(values);
    const exponentials = values.map((x) => Math.exp(x - best));
    const sum = total(exponentials);
    return exponentials.map((x) => x / sum);
  }),
];

/** ONNX LogSoftmax: `x − log Σ exp x`, along one axis. */
export const logSoftmax: ReferenceFunction = (inputs, attrs) => [
  alongAxis(input(inputs, 0), numberAttr(attrs, "axis", -1), (values) => {
    const best = largest(values);
    const logSum = best + Math.log(total(values.map((x) => Math.exp(x - best))));
    return values.map((x) => x - logSum);
  }),
];

/** An ONNX global pool: over all axes after the first two, which stay as 1. */
function globalPool(f: (values: readonly number[]) => number): ReferenceFunction {
  return (inputs) => {
    const x = input(inputs, 0);
    const axes = x.shape.map((_, axis) => axis).slice(2);
    return [reduceOver(x, axes, true, f)];
  };
}

/**
 * An ONNX Reduce operator of opset 18: axes are the optional input 1. Without axes all are reduced, or, with
 * `noop_with_empty_axes`, none: each element is a group of its own, so ReduceSumSquare still squares. (The
 * text of opset 18 could be read as the identity; ONNX Runtime 1.30 squares.)
 */
function reduction(f: (values: readonly number[]) => number): ReferenceFunction {
  return (inputs, attrs) => {
    const x = input(inputs, 0);
    const given = Array.from(optionalInput(inputs, 1)?.data ?? []);
    const all = numberAttr(attrs, "noop_with_empty_axes", 0) === 0 ? x.shape.map((_, axis) => axis) : [];
    const axes = given.length === 0 ? all : given;
    return [reduceOver(x, axes, numberAttr(attrs, "keepdims", 1) === 1, f)];
  };
}

/** Replaces the elements along `axes` by one number, made from all of them in row-major order. */
function reduceOver(
  x: RefTensor,
  axes: readonly number[],
  keepDims: boolean,
  f: (values: readonly number[]) => number,
): RefTensor {
  const reduced = new Set(axes.map((axis) => positiveAxis(axis, x.shape.length)));
  const inner = x.shape.map((dim, axis) => (reduced.has(axis) ? dim : 1));
  const kept = x.shape.map((dim, axis) => (reduced.has(axis) ? 1 : dim));
  const result = tabulate(kept, (outer) => {
    const group = tabulate(inner, (i) =>
      at(
        x,
        i.map((position, axis) => position + outer[axis]),
      ),
    );
    return f(Array.from(group.data));
  });
  return refTensor(keepDims ? kept : kept.filter((_, axis) => !reduced.has(axis)), result.data);
}

/** Replaces each line along `axis` by another of the same length. */
function alongAxis(x: RefTensor, axis: number, f: (line: readonly number[]) => readonly number[]): RefTensor {
  const data = new Float64Array(x.data.length);
  const along = positiveAxis(axis, x.shape.length);
  const step = x.shape.slice(along + 1).reduce((product, dim) => product * dim, 1);
  const length = x.shape[along];
  for (let start = 0; start < data.length; start++) {
    // A line starts wherever the position along the axis is 0.
    if (Math.floor(start / step) % length !== 0) continue;
    const line = f(Array.from({ length }, (_, i) => x.data[start + i * step]));
    for (let i = 0; i < length; i++) data[start + i * step] = line[i];
  }
  return refTensor(x.shape, data);
}

function total(values: readonly number[]): number {
  return values.reduce((sum, x) => sum + x, 0);
}

function mean(values: readonly number[]): number {
  return total(values) / values.length;
}

function largest(values: readonly number[]): number {
  return values.reduce((best, x) => Math.max(best, x), Number.NEGATIVE_INFINITY);
}
