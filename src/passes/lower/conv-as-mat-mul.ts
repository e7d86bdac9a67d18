import type { GraphBuilder } from "../../ir/builder.ts";
import { knownShape, type Value } from "../../ir/graph.ts";
import { sizeOf } from "../../ir/shape.ts";
import type { ConvAttrs } from "../../ops/conv-shape.ts";
import { part, range, stack } from "./slices.ts";
import { fold, unfold } from "./unfold.ts";

/** The sizes of a convolution: maps [N, C, H, W] on both sides and the weight [O, I/group, kH, kW]. */
export interface ConvSizes {
  readonly x: readonly number[];
  readonly w: readonly number[];
  readonly y: readonly number[];
}

/**
 * Whether a convolution runs faster as a matrix product: where its unfolded input (im2col) is less than half as large as the weights,
 * an engine that goes through the weights for each image spends its time on them.
 */
export function outweighsMaps({ x, w, y }: ConvSizes, { group }: ConvAttrs): boolean {
  const [n, channels] = x;
  const [, filters, ...outSize] = y;
  const samples = n * sizeOf(outSize);
  return group === 1 && 2 * samples * Math.max(channels * sizeOf(w.slice(2)), filters) <= sizeOf(w);
}

/** The convolution of x with w, and a bias if there is one. */
export function convolved(
  b: GraphBuilder,
  [x, w, bias]: readonly Value[],
  sizes: ConvSizes,
  attrs: ConvAttrs,
): Value {
  const [n, filters, ...size] = sizes.y;
  const product = b.op("FusedMatMul", [matrix(b, w), columnsOf(b, x, sizes, attrs)]);
  const y = channelsSwapped(b, b.op("Reshape", [product, b.constant([filters, n, ...size])]));
  return bias ? b.op("Add", [y, b.op("Reshape", [bias, b.constant([1, filters, 1, 1])])]) : y;
}

/** dX of a convolution. */
export function inputGradient(
  b: GraphBuilder,
  [dy, w]: readonly Value[],
  sizes: ConvSizes,
  attrs: ConvAttrs,
): Value {
  const [n, channels, ...size] = sizes.x;
  const positions = sizeOf(sizes.w.slice(2));
  const product = b.op("FusedMatMul", [matrix(b, w), channelRows(b, dy)], { transA: 1 });
  const outSize = sizes.y.slice(2);
  const apart = b.op("Reshape", [product, b.constant([channels, positions * n, ...outSize])]);
  const maps = range(positions).map((i) => part(b, apart, 1, i, positions));
  return channelsSwapped(b, fold(b, maps, attrs, size));
}

/** dW of a convolution. */
export function weightGradient(
  b: GraphBuilder,
  [x, dy]: readonly Value[],
  sizes: ConvSizes,
  attrs: ConvAttrs,
): Value {
  const product = b.op("FusedMatMul", [channelRows(b, dy), columnsOf(b, x, sizes, attrs)], { transB: 1 });
  return b.op("Reshape", [product, b.constant(sizes.w)]);
}

/** [A, B, …] → [A, B·…]. */
function matrix(b: GraphBuilder, value: Value): Value {
  const [rows, ...others] = knownShape(value);
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
function columnsOf(b: GraphBuilder, x: Value, { y }: ConvSizes, attrs: ConvAttrs): Value {
  const unfolded = unfold(b, channelsSwapped(b, x), attrs, y.slice(2));
  const [channels, ...rest] = knownShape(unfolded[0]);
  const rows = unfolded.map((map) => b.op("Reshape", [map, b.constant([channels, 1, sizeOf(rest)])]));
  return b.op("Reshape", [stack(b, rows, 1), b.constant([channels * unfolded.length, sizeOf(rest)])]);
}
