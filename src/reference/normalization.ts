import { sizeOf } from "../ir/shape.ts";
import { input, numberAttr, optionalInput } from "./arguments.ts";
import { atBroadcast, positiveAxis, refTensor, refZeros, tabulate } from "./ref-tensor.ts";
import type { ReferenceFunction } from "./types.ts";

/** ONNX InstanceNormalization: X [N, C, …], scale [C], bias [C]; every plane by its own mean and variance. */
export const instanceNormalization: ReferenceFunction = (inputs, attrs) => {
  const [x, scale, bias] = [input(inputs, 0), input(inputs, 1), input(inputs, 2)];
  const channels = x.shape[1];
  const normal = normalizeRuns(x.data, sizeOf(x.shape.slice(2)), numberAttr(attrs, "epsilon", 1e-5));
  const plane = sizeOf(x.shape.slice(2));
  return [
    refTensor(
      x.shape,
      normal.map((value, i) => {
        const channel = Math.floor(i / plane) % channels;
        return scale.data[channel] * value + bias.data[channel];
      }),
    ),
  ];
};

/** ONNX LayerNormalization, its first output: mean and variance over all axes from `axis`. */
export const layerNormalization: ReferenceFunction = (inputs, attrs) => {
  const [x, scale, bias] = [input(inputs, 0), input(inputs, 1), optionalInput(inputs, 2)];
  const axis = positiveAxis(numberAttr(attrs, "axis", -1), x.shape.length);
  const run = sizeOf(x.shape.slice(axis));
  const normal = refTensor(x.shape, normalizeRuns(x.data, run, numberAttr(attrs, "epsilon", 1e-5)));
  return [
    tabulate(
      x.shape,
      (i) => atBroadcast(normal, i) * atBroadcast(scale, i) + (bias ? atBroadcast(bias, i) : 0),
    ),
  ];
};

/** ONNX LRN: x / (bias + alpha/size · Σ x²)^beta, the sum over `size` neighboring channels. */
export const lrn: ReferenceFunction = (inputs, attrs) => {
  const x = input(inputs, 0);
  const [size, alpha] = [numberAttr(attrs, "size"), numberAttr(attrs, "alpha", 1e-4)];
  const [beta, bias] = [numberAttr(attrs, "beta", 0.75), numberAttr(attrs, "bias", 1)];
  const channels = x.shape[1];
  const plane = sizeOf(x.shape.slice(2));
  const y = refZeros(x.shape);
  x.data.forEach((value, i) => {
    const channel = Math.floor(i / plane) % channels;
    const first = Math.max(0, channel - Math.floor((size - 1) / 2));
    const last = Math.min(channels - 1, channel + Math.ceil((size - 1) / 2));
    let squares = 0;
    for (let c = first; c <= last; c++) squares += x.data[i + (c - channel) * plane] ** 2;
    y.data[i] = value / (bias + (alpha / size) * squares) ** beta;
  });
  return [y];
};

/** Each run of so many elements brought to mean 0 and variance 1. */
function normalizeRuns(data: Float64Array, run: number, epsilon: number): Float64Array {
  const result = new Float64Array(data.length);
  for (let start = 0; start < data.length; start += run) {
    const part = data.subarray(start, start + run);
    const mean = part.reduce((sum, value) => sum + value, 0) / run;
    const variance = part.reduce((sum, value) => sum + (value - mean) ** 2, 0) / run;
    for (let i = 0; i < run; i++) result[start + i] = (part[i] - mean) / Math.sqrt(variance + epsilon);
  }
  return result;
}
