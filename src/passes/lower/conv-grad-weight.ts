import type { GraphBuilder } from "../../ir/builder.ts";
import type { Node, Value } from "../../ir/graph.ts";
import { sizeOf } from "../../ir/shape.ts";
import type { Lowering } from "./types.ts";

/** What a weight gradient is made of: maps [N·group, C/group, H, W], so that each group of channels is an image of its own. */
interface Maps {
  readonly x: Value;
  readonly dy: Value;
}

/** Bytes of input one product works on: what is copied for it should stay in the processor's cache. */
const CHUNK_BYTES = 2 * 2 ** 20;

/** Each chunk costs some twenty nodes, whose overhead outweighs the cache when there are many. */
const MAX_CHUNKS = 8;

/**
 * dW[o,i,r,c] = Σ over images and pixels of dY[o, pixel] · X[i, pixel moved by (r, c)]: matrix products over pixels.
 *
 * For a kernel of several rows and stride 1, dY is moved by row and X by column, so that kH products
 * [Co, pixels] × [kW·Ci, pixels]ᵀ give all taps with kH + kW copies instead of kH·kW.
 * Otherwise X is sampled once for each tap. Large batches are worked on in chunks that fit into the cache.
 * Groups are a batch of smaller gradients; where there is one, no node is spent on telling it apart.
 */
export const lowerConvGradWeight: Lowering = (b, node, [x, dy]) => {
  const [n, ...rest] = x.shape as number[];
  const chunks = chunkCount(n, 4 * n * sizeOf(rest));
  const gradients = range(chunks).map((i) => {
    const images = (value: Value) => byGroups(b, node, part(b, value, 0, i, chunks));
    return gradientOf(b, node, { x: images(x), dy: images(dy) });
  });
  return [gradients.reduce((sum, gradient) => b.op("Add", [sum, gradient]))];
};

/** [N, C, H, W] → [N·group, C/group, H, W]. */
function byGroups(b: GraphBuilder, { attrs }: Node, map: Value): Value {
  const group = Number(attrs.group);
  const [n, channels, ...size] = map.shape as number[];
  return group === 1 ? map : b.op("Reshape", [map, b.constant([n * group, channels / group, ...size])]);
}

/** The least number of chunks of about equal size that are small enough. */
function chunkCount(images: number, bytes: number): number {
  const wanted = Math.min(MAX_CHUNKS, images, Math.ceil(bytes / CHUNK_BYTES));
  return Math.ceil(images / Math.ceil(images / wanted));
}

/** Part `index` of `count` parts along an axis, all of the same size but perhaps the last. */
function part(b: GraphBuilder, value: Value, axis: number, index: number, count: number): Value {
  if (count === 1) return value;
  const length = Number(value.shape[axis]);
  const size = Math.ceil(length / count);
  const range = [[index * size], [Math.min((index + 1) * size, length)], [axis]];
  return b.op("Slice", [value, ...range.map((numbers) => b.constant(numbers))]);
}

function gradientOf(b: GraphBuilder, node: Node, maps: Maps): Value {
  const { strides, kernel_shape: kernel, dilations } = node.attrs as Record<string, number[]>;
  const dense = [...strides, ...dilations].every((number) => number === 1);
  return toWeight(
    b,
    node,
    maps,
    dense && kernel[0] > 1 ? byRowsAndColumns(b, node, maps) : byTaps(b, node, maps),
  );
}

/** [group, M, kH·kW·C] → the weight's [group·M, C, kH, kW]; a 1×1 kernel already lies so. */
function toWeight(b: GraphBuilder, { attrs }: Node, { x, dy }: Maps, products: Value): Value {
  const [kernel, group] = [attrs.kernel_shape as number[], Number(attrs.group)];
  const [channels, filters] = [Number(x.shape[1]), group * Number(dy.shape[1])];
  const shape = b.constant([filters, channels, ...kernel]);
  if (sizeOf(kernel) === 1) return b.op("Reshape", [products, shape]);
  const taps = b.op("Reshape", [products, b.constant([filters, sizeOf(kernel), channels])]);
  return b.op("Reshape", [b.op("Transpose", [taps], { perm: [0, 2, 1] }), shape]);
}

function byRowsAndColumns(b: GraphBuilder, { attrs }: Node, { x, dy }: Maps): Value {
  const { kernel_shape: kernel, pads } = attrs as Record<string, number[]>;
  const rows = range(kernel[0]).map((row) => movedRows(b, dy, row - pads[0], Number(x.shape[2])));
  const columns = range(kernel[1]).map((column) => movedColumns(b, x, pads[1] - column, Number(dy.shape[3])));
  return multiplyPixels(b, columns, rows, Number(attrs.group));
}

/** The map moved down by `by` rows into one of `height` rows; what is new is zero. */
function movedRows(b: GraphBuilder, map: Value, by: number, height: number): Value {
  const [n, channels, rows, width] = map.shape as number[];
  if (by === 0 && rows === height) return map;
  // Rows of one channel lie behind each other, so this pads (or crops) one run of memory a channel.
  const runs = b.op("Reshape", [map, b.constant([n * channels, rows * width])]);
  const pads = [0, by * width, 0, (height - rows - by) * width];
  const moved = b.op("Pad", [runs, b.constant(pads)]);
  return b.op("Reshape", [moved, b.constant([n, channels, height, width])]);
}

/** The map moved right by `by` columns into one of `width` columns; what is new is zero. */
function movedColumns(b: GraphBuilder, map: Value, by: number, width: number): Value {
  const [n, channels, height, columns] = map.shape as number[];
  if (by === 0 && columns === width) return map;
  if (columns !== width) {
    return b.op("Pad", [map, b.constant([0, 0, 0, by, 0, 0, 0, width - columns - by])]);
  }
  // Padding row by row is slow; move whole channels by `by` pixels and blank what came from the neighbouring row.
  const runs = b.op("Reshape", [map, b.constant([n * channels, height * width])]);
  const moved = b.op("Pad", [runs, b.constant([0, by, 0, -by])]);
  const own = Float32Array.from({ length: height * width }, (_, pixel) => {
    const source = (pixel % width) - by;
    return source >= 0 && source < width ? 1 : 0;
  });
  const blanked = b.op("Mul", [moved, b.constant({ dtype: "float32", shape: [own.length], data: own })]);
  return b.op("Reshape", [blanked, b.constant([n, channels, height, width])]);
}

/** Tap (r, c) sees pixel (h·stride + r·dilation − pad, …): a pixel of the phase that leaves the same remainder, moved. */
function byTaps(b: GraphBuilder, node: Node, { x, dy }: Maps): Value {
  const { kernel_shape: kernel, pads, strides, dilations } = node.attrs as Record<string, number[]>;
  const [, , outHeight, outWidth] = dy.shape as number[];
  const phases = phasesOf(b, x, strides);
  const source = (tap: number, axis: 0 | 1) => {
    const offset = tap * dilations[axis] - pads[axis];
    const shift = Math.floor(offset / strides[axis]);
    return { phase: offset - shift * strides[axis], by: -shift };
  };
  const taps = range(kernel[0]).flatMap((r) =>
    range(kernel[1]).map((c) => {
      const [row, column] = [source(r, 0), source(c, 1)];
      const phase = phases[row.phase * strides[1] + column.phase];
      return movedColumns(b, movedRows(b, phase, row.by, outHeight), column.by, outWidth);
    }),
  );
  return multiplyPixels(b, taps, [dy], Number(node.attrs.group));
}

/**
 * Every stride-th row and column of a map, for each start: [N, C, H/stride, W/stride] each, filled up with zeros where the stride
 * does not divide. Two transposes with few long runs, ten times faster than strided slices.
 */
function phasesOf(b: GraphBuilder, x: Value, strides: readonly number[]): readonly Value[] {
  const [down, across] = strides;
  if (down * across === 1) return [x];
  const [n, channels, height, width] = x.shape as number[];
  const [rows, columns] = [Math.ceil(height / down), Math.ceil(width / across)];
  const missing = [0, 0, 0, 0, 0, 0, rows * down - height, columns * across - width];
  const whole = missing.every((pad) => pad === 0) ? x : b.op("Pad", [x, b.constant(missing)]);
  const byColumn = b.op("Transpose", [b.op("Reshape", [whole, b.constant([-1, across])])], { perm: [1, 0] });
  const runs = b.op("Reshape", [byColumn, b.constant([-1, down, columns])]);
  const byRow = b.op("Transpose", [runs], { perm: [1, 0, 2] });
  const phases = b.op("Reshape", [byRow, b.constant([down * across * n, channels, rows, columns])]);
  return range(down * across).map((i) => part(b, phases, 0, i, down * across));
}

/**
 * [B, pixels] × [A, pixels]ᵀ summed over images, where A are the channels of all `left` maps and B those of one of the `right` ones;
 * [group, B, right maps · A]. Either a product for each image, whose results are then added, or, where these would be larger than
 * the maps, one product of maps with channels first.
 */
function multiplyPixels(
  b: GraphBuilder,
  left: readonly Value[],
  right: readonly Value[],
  group: number,
): Value {
  const [images, channels, ...map] = left[0].shape as number[];
  const others = Number(right[0].shape[1]);
  const pixels = sizeOf(map);
  const n = images / group;
  const perImage = left.length * channels * right.length * others <= (channels + others) * pixels;
  const rows = perImage
    ? (value: Value) => b.op("Reshape", [value, b.constant([images, -1, pixels])])
    : (value: Value) => channelsFirst(b, value, n, group);
  const all = rows(stack(b, left, 1));
  const products = right.map((other) => {
    const product = b.op("FusedMatMul", [rows(other), all], { transB: 1 });
    if (!perImage || n === 1) return product;
    if (group === 1) return b.op("ReduceSum", [product, b.constant([0])], { keepdims: 1 });
    const byImage = b.op("Reshape", [product, b.constant([n, group, others, left.length * channels])]);
    return b.op("ReduceSum", [byImage, b.constant([0])], { keepdims: 0 });
  });
  return stack(b, products, 2);
}

/** [N·group, C, H, W] → [group, C, N·H·W]. */
function channelsFirst(b: GraphBuilder, map: Value, n: number, group: number): Value {
  const [, channels, ...size] = map.shape as number[];
  if (group === 1) {
    const turned = b.op("Transpose", [map], { perm: [1, 0, 2, 3] });
    return b.op("Reshape", [turned, b.constant([1, channels, -1])]);
  }
  const split = b.op("Reshape", [map, b.constant([n, group, channels, sizeOf(size)])]);
  const turned = b.op("Transpose", [split], { perm: [1, 2, 0, 3] });
  return b.op("Reshape", [turned, b.constant([group, channels, -1])]);
}

function stack(b: GraphBuilder, parts: readonly Value[], axis: number): Value {
  return parts.length === 1 ? parts[0] : b.op("Concat", parts, { axis });
}

function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}
