import { SenetError } from "../base/errors.ts";
import { input, numberAttr, optionalInput } from "./arguments.ts";
import { at, positiveAxis, tabulate } from "./ref-tensor.ts";
import type { ReferenceFunction, RefTensor } from "./types.ts";

/** ONNX Concat. */
export const concat: ReferenceFunction = (inputs, attrs) => {
  const parts = inputs.map((_, i) => input(inputs, i));
  const axis = positiveAxis(numberAttr(attrs, "axis"), parts[0].shape.length);
  const ownerOf = parts.flatMap((part) => Array.from({ length: part.shape[axis] }, (_, i) => ({ part, i })));
  const shape = parts[0].shape.with(axis, ownerOf.length);
  return [
    tabulate(shape, (index) => {
      const { part, i } = ownerOf[index[axis]];
      return at(part, index.with(axis, i));
    }),
  ];
};

/** ONNX Gather: slices of the data along `axis`, in the order and shape of the indices; negative ones count from the end. */
export const gather: ReferenceFunction = (inputs, attrs) => {
  const [x, indices] = [input(inputs, 0), input(inputs, 1)];
  const axis = positiveAxis(numberAttr(attrs, "axis", 0), x.shape.length);
  const rank = indices.shape.length;
  const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
  const element = (index: readonly number[]) => {
    const picked = positiveAxis(at(indices, index.slice(axis, axis + rank)), x.shape[axis]);
    return at(x, [...index.slice(0, axis), picked, ...index.slice(axis + rank)]);
  };
  return [tabulate(shape, element)];
};

/** ONNX Slice: inputs data, starts, ends, axes (default: the first ones), steps (default 1). */
export const slice: ReferenceFunction = (inputs) => {
  const x = input(inputs, 0);
  const [starts, ends] = [input(inputs, 1).data, input(inputs, 2).data];
  const axes = optionalInput(inputs, 3)?.data;
  const steps = optionalInput(inputs, 4)?.data;
  const ranges = x.shape.map((dim) => ({ first: 0, step: 1, count: dim }));
  starts.forEach((start, i) => {
    const axis = positiveAxis(axes?.[i] ?? i, x.shape.length);
    ranges[axis] = sliceRange(x.shape[axis], start, ends[i], steps?.[i] ?? 1);
  });
  const shape = ranges.map((range) => range.count);
  return [
    tabulate(shape, (index) =>
      at(
        x,
        index.map((position, axis) => ranges[axis].first + position * ranges[axis].step),
      ),
    ),
  ];
};

/** Negative bounds count from the end; then both are clamped, for a negative step one place further left. */
function sliceRange(dim: number, start: number, end: number, step: number) {
  const clamp = (bound: number, low: number, high: number) =>
    Math.min(Math.max(bound < 0 ? bound + dim : bound, low), high);
  const first = step > 0 ? clamp(start, 0, dim) : clamp(start, 0, dim - 1);
  const last = step > 0 ? clamp(end, 0, dim) : clamp(end, -1, dim - 1);
  return { first, step, count: Math.max(0, Math.ceil((last - first) / step)) };
}

/**
 * ONNX Pad: inputs data, pads (all begins, then all ends), constant_value, axes. Negative pads crop. What lies outside is the constant,
 * the nearest element (mode `edge`), or the mirror image about the edge (`reflect`).
 */
export const pad: ReferenceFunction = (inputs, attrs) => {
  const mode = attrs.mode ?? "constant";
  const inside = insideOf[String(mode)];
  if (!inside)
    throw new SenetError(
      "graph",
      `Pad: expected mode constant, reflect or edge, found "${mode}"; take one of these.`,
    );
  const x = input(inputs, 0);
  const pads = input(inputs, 1).data;
  const fill = optionalInput(inputs, 2)?.data[0] ?? 0;
  const axes = optionalInput(inputs, 3)?.data ?? x.shape.map((_, axis) => axis);
  const before = x.shape.map(() => 0);
  const shape = [...x.shape];
  axes.forEach((given, i) => {
    const axis = positiveAxis(given, x.shape.length);
    before[axis] = pads[i];
    shape[axis] += pads[i] + pads[i + axes.length];
  });
  return [
    tabulate(shape, (index) => {
      const source = index.map((position, axis) => inside(position - before[axis], x.shape[axis]));
      return isInside(source, x.shape) ? at(x, source) : fill;
    }),
  ];
};

/** Which element of an axis replaces one outside, by Pad's mode. */
const insideOf: Readonly<Record<string, (position: number, length: number) => number>> = {
  constant: (position) => position,
  edge: (position, length) => Math.min(Math.max(position, 0), length - 1),
  reflect: (position, length) => {
    const last = length - 1;
    return last - Math.abs(last - Math.abs(position));
  },
};

function isInside(index: readonly number[], shape: readonly number[]): boolean {
  return index.every((position, axis) => position >= 0 && position < shape[axis]);
}

/** ONNX OneHot: inputs indices, depth, [off value, on value]; an index outside −depth…depth−1 gives only off values. */
export const oneHot: ReferenceFunction = (inputs, attrs) => {
  const indices = input(inputs, 0);
  const depth = input(inputs, 1).data[0];
  const [off, on] = input(inputs, 2).data;
  const axis = positiveAxis(numberAttr(attrs, "axis", -1), indices.shape.length + 1);
  const isOn = (index: readonly number[]) =>
    hotPosition(indices, index.toSpliced(axis, 1), depth) === index[axis];
  return [tabulate(indices.shape.toSpliced(axis, 0, depth), (index) => (isOn(index) ? on : off))];
};

function hotPosition(indices: RefTensor, index: readonly number[], depth: number): number {
  const position = Math.trunc(at(indices, index));
  return position < 0 ? position + depth : position;
}
