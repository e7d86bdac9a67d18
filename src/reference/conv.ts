import { SenetError } from "../base/errors.ts";
import type { Attrs } from "../ir/graph.ts";
import { input, listAttr, numberAttr, optionalInput } from "./arguments.ts";
import { refZeros } from "./ref-tensor.ts";
import type { ReferenceFunction, RefTensor } from "./types.ts";

type Shape = readonly number[];

// A convolution multiplies pairs of an input element and a weight, and adds each product to an output
// element. `forEachProduct` lists these triples once; the forward operator and both gradients, which are the
// same sum solved for another of the three, read it.

/** ONNX Conv, 2-D: X [N, Ci, H, W], W [Co, Ci/group, kh, kw], optional B [Co] → [N, Co, H', W']. */
export const conv: ReferenceFunction = (inputs, attrs) => {
  const [x, w, bias] = [input(inputs, 0), input(inputs, 1), optionalInput(inputs, 2)];
  const y = refZeros([x.shape[0], w.shape[0], ...convolvedSize(x.shape, w.shape, attrs)]);
  forEachProduct(x.shape, w.shape, y.shape, attrs, (xAt, wAt, yAt) => {
    y.data[yAt] += x.data[xAt] * w.data[wAt];
  });
  if (bias) addBias(y, bias);
  return [y];
};

/**
 * ONNX ConvTranspose, 2-D: X [N, Ci, H, W], W [Ci, Co/group, kh, kw], optional B [Co]. It is the input gradient of
 * the Conv that has the same weights, so here X stands where that Conv has its output.
 */
export const convTranspose: ReferenceFunction = (inputs, attrs) => {
  const [x, w, bias] = [input(inputs, 0), input(inputs, 1), optionalInput(inputs, 2)];
  const { strides, pads, dilations, group } = geometry(attrs);
  const extra = listAttr(attrs, "output_padding", [0, 0]);
  const size = [0, 1].map((i) => {
    const window = (w.shape[i + 2] - 1) * dilations[i] + 1;
    return strides[i] * (x.shape[i + 2] - 1) + extra[i] + window - pads[i] - pads[i + 2];
  });
  const y = refZeros([x.shape[0], w.shape[1] * group, ...size]);
  forEachProduct(y.shape, w.shape, x.shape, attrs, (yAt, wAt, xAt) => {
    y.data[yAt] += x.data[xAt] * w.data[wAt];
  });
  if (bias) addBias(y, bias);
  return [y];
};

/** `ConvGradInput(dY, W)` → dX, of shape `input_shape` but with the batch of dY. */
export const convGradInput: ReferenceFunction = (inputs, attrs) => {
  const [dy, w] = [input(inputs, 0), input(inputs, 1)];
  const dx = refZeros([dy.shape[0], ...listAttr(attrs, "input_shape").slice(1)]);
  forEachProduct(dx.shape, w.shape, dy.shape, attrs, (xAt, wAt, yAt) => {
    dx.data[xAt] += dy.data[yAt] * w.data[wAt];
  });
  return [dx];
};

/** `ConvGradWeight(X, dY)` → dW [Co, Ci/group, kh, kw]. */
export const convGradWeight: ReferenceFunction = (inputs, attrs) => {
  const [x, dy] = [input(inputs, 0), input(inputs, 1)];
  const { group } = geometry(attrs);
  const dw = refZeros([dy.shape[1], x.shape[1] / group, ...listAttr(attrs, "kernel_shape")]);
  forEachProduct(x.shape, dw.shape, dy.shape, attrs, (xAt, wAt, yAt) => {
    dw.data[wAt] += x.data[xAt] * dy.data[yAt];
  });
  return [dw];
};

/** Visits the offsets (x, w, y) of every product that a Conv adds up. Padding is zero, so it is left out. */
function forEachProduct(
  xShape: Shape,
  wShape: Shape,
  yShape: Shape,
  attrs: Attrs,
  visit: (xAt: number, wAt: number, yAt: number) => void,
): void {
  const { strides, pads, dilations, group } = geometry(attrs);
  const [, , height, width] = xShape;
  const [outChannels, groupChannels, kernelHeight, kernelWidth] = wShape;
  checkShapes(xShape, wShape, yShape, attrs, group);
  const window = [1, groupChannels, kernelHeight, kernelWidth];
  forEachIndex(yShape, (n, co, oy, ox) => {
    const yAt = offset(yShape, n, co, oy, ox);
    const firstChannel = Math.floor(co / (outChannels / group)) * groupChannels;
    forEachIndex(window, (_, c, ky, kx) => {
      const y = oy * strides[0] - pads[0] + ky * dilations[0];
      const x = ox * strides[1] - pads[1] + kx * dilations[1];
      if (y < 0 || y >= height || x < 0 || x >= width) return;
      visit(offset(xShape, n, firstChannel + c, y, x), offset(wShape, co, c, ky, kx), yAt);
    });
  });
}

function forEachIndex(shape: Shape, visit: (a: number, b: number, c: number, d: number) => void): void {
  const [as, bs, cs, ds] = shape;
  for (let a = 0; a < as; a++) {
    for (let b = 0; b < bs; b++) {
      for (let c = 0; c < cs; c++) {
        for (let d = 0; d < ds; d++) visit(a, b, c, d);
      }
    }
  }
}

/** Row-major position in four dimensions, without the array that `offsetOf` would need for every product. */
function offset(shape: Shape, a: number, b: number, c: number, d: number): number {
  return ((a * shape[1] + b) * shape[2] + c) * shape[3] + d;
}

function geometry(attrs: Attrs) {
  return {
    strides: listAttr(attrs, "strides", [1, 1]),
    pads: listAttr(attrs, "pads", [0, 0, 0, 0]),
    dilations: listAttr(attrs, "dilations", [1, 1]),
    group: numberAttr(attrs, "group", 1),
  };
}

/** Height and width of a Conv's output. */
function convolvedSize(xShape: Shape, wShape: Shape, attrs: Attrs): number[] {
  const { strides, pads, dilations } = geometry(attrs);
  return [0, 1].map((i) => {
    const window = (wShape[i + 2] - 1) * dilations[i] + 1;
    return Math.floor((xShape[i + 2] + pads[i] + pads[i + 2] - window) / strides[i]) + 1;
  });
}

function checkShapes(xShape: Shape, wShape: Shape, yShape: Shape, attrs: Attrs, group: number): void {
  const expected = [xShape[0], wShape[0], ...convolvedSize(xShape, wShape, attrs)];
  const fits = expected.every((dim, axis) => dim === yShape[axis]);
  if (fits && xShape[1] === wShape[1] * group && wShape[0] % group === 0) return;
  const text = (shape: Shape) => `[${shape.join(", ")}]`;
  throw new SenetError(
    "shape",
    `Convolution of ${text(xShape)} with weights ${text(wShape)} in ${group} groups: expected ${text(expected)}, found ${text(yShape)}, or channels that do not divide; correct the shapes.`,
  );
}

function addBias(y: RefTensor, bias: RefTensor): void {
  const area = y.shape[2] * y.shape[3];
  for (let i = 0; i < y.data.length; i++) y.data[i] += bias.data[Math.floor(i / area) % y.shape[1]];
}
