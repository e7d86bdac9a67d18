import type { Attrs } from "../ir/graph.ts";
import { input, listAttr, numberAttr } from "./arguments.ts";
import { refZeros } from "./ref-tensor.ts";
import type { ReferenceFunction, RefTensor } from "./types.ts";

type Shape = readonly number[];

/** ONNX MaxPool, 2-D. Padding never wins. */
export const maxPool: ReferenceFunction = (inputs, attrs) => {
  const x = input(inputs, 0);
  const y = refZeros(pooledShape(x.shape, attrs));
  forEachWindow(x.shape, y.shape, attrs, (window, yAt) => {
    y.data[yAt] = x.data[firstMaximum(x, window.elements)];
  });
  return [y];
};

/** `MaxPoolGrad(dY, X)`: each window's gradient goes to its first maximum in row-major order. */
export const maxPoolGrad: ReferenceFunction = (inputs, attrs) => {
  const [dy, x] = [input(inputs, 0), input(inputs, 1)];
  const dx = refZeros(x.shape);
  forEachWindow(x.shape, dy.shape, attrs, (window, yAt) => {
    dx.data[firstMaximum(x, window.elements)] += dy.data[yAt];
  });
  return [dx];
};

/** ONNX AveragePool, 2-D. */
export const averagePool: ReferenceFunction = (inputs, attrs) => {
  const x = input(inputs, 0);
  const y = refZeros(pooledShape(x.shape, attrs));
  forEachWindow(x.shape, y.shape, attrs, (window, yAt) => {
    for (const xAt of window.elements) y.data[yAt] += x.data[xAt];
    y.data[yAt] /= divisor(window, attrs);
  });
  return [y];
};

/** `AveragePoolGrad(dY)` → dX, of shape `input_shape` but with the batch of dY. */
export const averagePoolGrad: ReferenceFunction = (inputs, attrs) => {
  const dy = input(inputs, 0);
  const dx = refZeros([dy.shape[0], ...listAttr(attrs, "input_shape").slice(1)]);
  forEachWindow(dx.shape, dy.shape, attrs, (window, yAt) => {
    for (const xAt of window.elements) dx.data[xAt] += dy.data[yAt] / divisor(window, attrs);
  });
  return [dx];
};

interface Window {
  /** Offsets of the window's elements that lie in the input, in row-major order. */
  readonly elements: readonly number[];
  /** How many of the window's elements lie in the input or its padding. */
  readonly padded: number;
}

/** With `count_include_pad` the padding counts as zeros; what `ceil_mode` adds beyond the padding never counts. */
function divisor(window: Window, attrs: Attrs): number {
  return numberAttr(attrs, "count_include_pad", 0) === 1 ? window.padded : window.elements.length;
}

function firstMaximum(x: RefTensor, elements: readonly number[]): number {
  return elements.reduce((best, candidate) => (x.data[candidate] > x.data[best] ? candidate : best));
}

/** Visits every window of every plane of the input, with the offset of its output element. */
function forEachWindow(
  xShape: Shape,
  yShape: Shape,
  attrs: Attrs,
  visit: (window: Window, yAt: number) => void,
): void {
  const [batch, channels, height, width] = xShape;
  const [, , outHeight, outWidth] = yShape;
  let yAt = 0;
  for (let plane = 0; plane < batch * channels; plane++) {
    for (let oy = 0; oy < outHeight; oy++) {
      const rows = positions(0, oy, height, attrs);
      for (let ox = 0; ox < outWidth; ox++) {
        const columns = positions(1, ox, width, attrs);
        const elements = rows.inside.flatMap((y) =>
          columns.inside.map((x) => (plane * height + y) * width + x),
        );
        visit({ elements, padded: rows.padded * columns.padded }, yAt++);
      }
    }
  }
}

/** The positions along one spatial axis that the window of output position `o` covers. */
function positions(axis: number, o: number, length: number, attrs: Attrs) {
  const { kernel, stride, before, after, dilation } = geometry(axis, attrs);
  const covered = Array.from({ length: kernel }, (_, k) => o * stride - before + k * dilation);
  return {
    inside: covered.filter((position) => position >= 0 && position < length),
    padded: covered.filter((position) => position < length + after).length,
  };
}

function pooledShape(xShape: Shape, attrs: Attrs): number[] {
  return [xShape[0], xShape[1], pooledLength(0, xShape[2], attrs), pooledLength(1, xShape[3], attrs)];
}

/** With `ceil_mode`, a last window that would start in the padding after the input is left out, as PyTorch does. */
function pooledLength(axis: number, length: number, attrs: Attrs): number {
  const { kernel, stride, before, after, dilation } = geometry(axis, attrs);
  const steps = (length + before + after - ((kernel - 1) * dilation + 1)) / stride;
  if (numberAttr(attrs, "ceil_mode", 0) === 0) return Math.floor(steps) + 1;
  const count = Math.ceil(steps) + 1;
  return (count - 1) * stride >= length + before ? count - 1 : count;
}

function geometry(axis: number, attrs: Attrs) {
  const pads = listAttr(attrs, "pads", [0, 0, 0, 0]);
  return {
    kernel: listAttr(attrs, "kernel_shape")[axis],
    stride: listAttr(attrs, "strides", [1, 1])[axis],
    dilation: listAttr(attrs, "dilations", [1, 1])[axis],
    before: pads[axis],
    after: pads[axis + 2],
  };
}
