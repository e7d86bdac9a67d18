import type { GraphBuilder } from "../../ir/builder.ts";
import type { Node, Value } from "../../ir/graph.ts";
import { sizeOf } from "../../ir/shape.ts";
import { part, range, stack } from "./parts.ts";
import { sumTaps, tapsOf } from "./window-taps.ts";

/** The sizes of a convolution: maps [N, C, H, W] on both sides and the weight [O, I/group, kH, kW]. */
export interface ConvSizes {
  readonly x: readonly number[];
  readonly w: readonly number[];
  readonly y: readonly number[];
}

/**
 * How a convolution is better a product of matrices: `vectors` for a fully connected layer, whose maps are one pixel; `columns` where
 * what the windows see, written out, is less than half of the weights, so that an engine that goes through the weights for each image
 * spends its time on them; undefined for all others.
 */
export function matrixForm({ x, w, y }: ConvSizes, attrs: Node["attrs"]): "vectors" | "columns" | undefined {
  if (attrs.group !== 1) return undefined;
  const [n, channels, ...size] = x;
  const [, filters, ...outSize] = y;
  if (sizeOf([...size, ...w.slice(2)]) === 1 && sizeOf(outSize) === 1) return "vectors";
  const samples = n * sizeOf(outSize);
  const columns = samples * channels * sizeOf(w.slice(2));
  return 2 * Math.max(columns, samples * filters) <= sizeOf(w) ? "columns" : undefined;
}

/** The convolution of x with w, and a bias if there is one. */
export function convolved(
  b: GraphBuilder,
  [x, w, bias]: readonly Value[],
  sizes: ConvSizes,
  attrs: Node["attrs"],
): Value {
  const [n, filters, ...size] = sizes.y;
  if (matrixForm(sizes, attrs) === "vectors") {
    const product = b.op("Gemm", [matrix(b, x), matrix(b, w), ...(bias ? [bias] : [])], { transB: 1 });
    return b.op("Reshape", [product, b.constant([n, filters, 1, 1])]);
  }
  const product = b.op("FusedMatMul", [matrix(b, w), columnsOf(b, x, sizes, attrs)]);
  const y = channelsSwapped(b, b.op("Reshape", [product, b.constant([filters, n, ...size])]));
  return bias ? b.op("Add", [y, b.op("Reshape", [bias, b.constant([1, filters, 1, 1])])]) : y;
}

/** dX of a convolution. */
export function inputGradient(
  b: GraphBuilder,
  [dy, w]: readonly Value[],
  sizes: ConvSizes,
  attrs: Node["attrs"],
): Value {
  const [n, channels, ...size] = sizes.x;
  if (matrixForm(sizes, attrs) === "vectors") {
    const product = b.op("FusedMatMul", [matrix(b, dy), matrix(b, w)]);
    return b.op("Reshape", [product, b.constant(sizes.x)]);
  }
  const taps = sizeOf(sizes.w.slice(2));
  const product = b.op("FusedMatMul", [matrix(b, w), channelRows(b, dy)], { transA: 1 });
  const outSize = sizes.y.slice(2);
  const apart = b.op("Reshape", [product, b.constant([channels, taps * n, ...outSize])]);
  const maps = range(taps).map((i) => part(b, apart, 1, i, taps));
  return channelsSwapped(b, sumTaps(b, maps, attrs, size));
}

/** dW of a convolution. */
export function weightGradient(
  b: GraphBuilder,
  [x, dy]: readonly Value[],
  sizes: ConvSizes,
  attrs: Node["attrs"],
): Value {
  const product =
    matrixForm(sizes, attrs) === "vectors"
      ? b.op("FusedMatMul", [matrix(b, dy), matrix(b, x)], { transA: 1 })
      : b.op("FusedMatMul", [channelRows(b, dy), columnsOf(b, x, sizes, attrs)], { transB: 1 });
  return b.op("Reshape", [product, b.constant(sizes.w)]);
}

/** [A, B, …] → [A, B·…]. */
function matrix(b: GraphBuilder, value: Value): Value {
  const [rows, ...others] = value.shape as number[];
  return b.op("Reshape", [value, b.constant([rows, sizeOf(others)])]);
}

/** [N, C, H, W] → [C, N, H, W] and back. */
function channelsSwapped(b: GraphBuilder, map: Value): Value {
  return b.op("Transpose", [map], { perm: [1, 0, 2, 3] });
}

/** [N, C, H, W] → [C, N·H·W]. */
function channelRows(b: GraphBuilder, map: Value): Value {
  return matrix(b, channelsSwapped(b, map));
}

/** What the windows see, [C·kH·kW, N·outHeight·outWidth], its rows in the order of the weight's columns. */
function columnsOf(b: GraphBuilder, x: Value, { y }: ConvSizes, attrs: Node["attrs"]): Value {
  const taps = tapsOf(b, channelsSwapped(b, x), attrs, y.slice(2));
  const [channels, ...rest] = taps[0].shape as number[];
  const rows = taps.map((tap) => b.op("Reshape", [tap, b.constant([channels, 1, sizeOf(rest)])]));
  return b.op("Reshape", [stack(b, rows, 1), b.constant([channels * taps.length, sizeOf(rest)])]);
}
