import { sizeOf } from "../ir/shape.ts";
import { input, listAttr, numberAttr, optionalInput } from "./arguments.ts";
import { at, atBroadcast, broadcast, positiveAxis, refTensor, tabulate } from "./ref-tensor.ts";
import type { ReferenceFunction } from "./types.ts";

/** ONNX Reshape: −1 is what remains; 0 copies the input's dimension, unless `allowzero` is 1. */
export const reshape: ReferenceFunction = (inputs, attrs) => {
  const x = input(inputs, 0);
  const copies = numberAttr(attrs, "allowzero", 0) === 0;
  const wanted = Array.from(input(inputs, 1).data, (dim, axis) =>
    dim === 0 && copies ? x.shape[axis] : dim,
  );
  const known = sizeOf(wanted.filter((dim) => dim !== -1));
  const shape = wanted.map((dim) => (dim === -1 ? x.data.length / known : dim));
  return [refTensor(shape, x.data)];
};

/** ONNX Flatten: to a matrix, the axes before `axis` as rows. */
export const flatten: ReferenceFunction = (inputs, attrs) => {
  const x = input(inputs, 0);
  const axis = numberAttr(attrs, "axis", 1);
  const split = axis < 0 ? axis + x.shape.length : axis;
  return [refTensor([sizeOf(x.shape.slice(0, split)), sizeOf(x.shape.slice(split))], x.data)];
};

/** ONNX Squeeze: without the axes of size 1 that input 1 names, or all of them. */
export const squeeze: ReferenceFunction = (inputs) => {
  const x = input(inputs, 0);
  const named = optionalInput(inputs, 1)?.data;
  const axes = named && Array.from(named, (axis) => positiveAxis(axis, x.shape.length));
  const shape = x.shape.filter((dim, axis) => (axes ? !axes.includes(axis) : dim !== 1));
  return [refTensor(shape, x.data)];
};

/** ONNX Unsqueeze: input 1 names axes of the result. */
export const unsqueeze: ReferenceFunction = (inputs) => {
  const x = input(inputs, 0);
  const named = input(inputs, 1).data;
  const axes = Array.from(named, (axis) => positiveAxis(axis, x.shape.length + named.length)).sort(
    (a, b) => a - b,
  );
  const shape = [...x.shape];
  for (const axis of axes) shape.splice(axis, 0, 1);
  return [refTensor(shape, x.data)];
};

/** ONNX Shape: the dimensions from `start` to before `end`. */
export const shape: ReferenceFunction = (inputs, attrs) => {
  const x = input(inputs, 0);
  const dims = x.shape.slice(numberAttr(attrs, "start", 0), numberAttr(attrs, "end", x.shape.length));
  return [refTensor([dims.length], dims)];
};

/** ONNX Transpose: axis `i` of the output is axis `perm[i]` of the input; by default all are reversed. */
export const transpose: ReferenceFunction = (inputs, attrs) => {
  const x = input(inputs, 0);
  const perm = listAttr(attrs, "perm", x.shape.map((_, axis) => axis).reverse());
  const source = x.shape.map(() => 0);
  const element = (index: readonly number[]) => {
    perm.forEach((from, axis) => {
      source[from] = index[axis];
    });
    return at(x, source);
  };
  return [
    tabulate(
      perm.map((from) => x.shape[from]),
      element,
    ),
  ];
};

/** ONNX Expand: broadcasting in both directions, so a 1 in the wanted shape keeps the input's dimension. */
export const expand: ReferenceFunction = (inputs) => {
  const x = input(inputs, 0);
  const wanted = Array.from(input(inputs, 1).data);
  return [tabulate(broadcast(x.shape, wanted), (index) => atBroadcast(x, index))];
};
