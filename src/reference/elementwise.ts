import { SenetError } from "../base/errors.ts";
import { dtypes } from "../ir/dtype.ts";
import { input, numberAttr } from "./arguments.ts";
import { errorFunction } from "./error-function.ts";
import { atBroadcast, broadcast, tabulate } from "./ref-tensor.ts";
import type { ReferenceFunction, RefTensor } from "./types.ts";

// Element-wise operators without parameters: https://onnx.ai/onnx/operators/, one page each.

export const neg = unary((x) => -x);
export const sqrt = unary(Math.sqrt);
export const abs = unary(Math.abs);
export const exp = unary(Math.exp);
export const log = unary(Math.log);
export const tanh = unary(Math.tanh);
export const erf = unary(errorFunction);
export const identity = unary((x) => x);

export const add = binary((a, b) => a + b);
export const sub = binary((a, b) => a - b);
export const mul = binary((a, b) => a * b);
/** Integers truncate toward zero; `evaluate` sees to that, as it knows the dtype. */
export const div = binary((a, b) => a / b);
/** The result has the dtype of the first input; `evaluate` sees to that. */
export const pow = binary((a, b) => a ** b);
export const greaterOrEqual = binary((a, b) => Number(a >= b));
export const equal = binary((a, b) => Number(a === b));

export const sum = variadic((a, b) => a + b);
/** ONNX Mean: over the inputs, element by element. */
export const mean: ReferenceFunction = (inputs, attrs) =>
  sum(inputs, attrs).map((total) => mapTensor(total, (x) => x / inputs.length));
export const max = variadic((a, b) => Math.max(a, b));
export const min = variadic((a, b) => Math.min(a, b));

/** ONNX Where: condition, x, y. */
export const where: ReferenceFunction = (inputs) => {
  const [condition, x, y] = [input(inputs, 0), input(inputs, 1), input(inputs, 2)];
  const choose = (i: readonly number[]) => atBroadcast(atBroadcast(condition, i) ? x : y, i);
  return [tabulate(broadcast(condition.shape, x.shape, y.shape), choose)];
};

/** ONNX Cast: to integers truncates toward zero, to bool asks `x ≠ 0`. Floating point of any width stays float64 here. */
export const cast: ReferenceFunction = (inputs, attrs) => {
  const convert = conversion(numberAttr(attrs, "to"));
  return [mapTensor(input(inputs, 0), convert)];
};

function conversion(to: number): (x: number) => number {
  switch (to) {
    case dtypes.bool.onnx:
      return (x) => Number(x !== 0);
    case dtypes.int64.onnx:
      return Math.trunc;
    // Integers too large for the target lose their high bits, as the specification of Cast says.
    case dtypes.int32.onnx:
      return (x) => Int32Array.of(x)[0];
    case dtypes.int8.onnx:
      return (x) => Int8Array.of(x)[0];
    case dtypes.uint8.onnx:
      return (x) => Uint8Array.of(x)[0];
    case dtypes.float16.onnx:
    case dtypes.float32.onnx:
    case dtypes.float64.onnx:
      return (x) => x;
    default:
      throw new SenetError(
        "graph",
        `Cast: expected a dtype this package handles, found ONNX data type ${to}; cast to another.`,
      );
  }
}

/** Applies a function of one number to each element. */
export function mapTensor(x: RefTensor, f: (x: number) => number): RefTensor {
  return { shape: x.shape, data: x.data.map((element) => f(element)) };
}

/** Applies a function of two numbers to each pair of elements that broadcasting brings together. */
export function zipTensors(a: RefTensor, b: RefTensor, f: (a: number, b: number) => number): RefTensor {
  return tabulate(broadcast(a.shape, b.shape), (i) => f(atBroadcast(a, i), atBroadcast(b, i)));
}

function unary(f: (x: number) => number): ReferenceFunction {
  return (inputs) => [mapTensor(input(inputs, 0), f)];
}

function binary(f: (a: number, b: number) => number): ReferenceFunction {
  return (inputs) => [zipTensors(input(inputs, 0), input(inputs, 1), f)];
}

function variadic(f: (a: number, b: number) => number): ReferenceFunction {
  return (inputs) => {
    const present = inputs.map((_, i) => input(inputs, i));
    return [present.reduce((a, b) => zipTensors(a, b, f))];
  };
}
