import type { GraphBuilder } from "../../ir/builder.ts";
import type { Node, Value } from "../../ir/graph.ts";
import { sizeOf } from "../../ir/shape.ts";
import type { Lowering } from "./types.ts";

/** What a weight gradient is made of. The layout is [N, C, H, W]. */
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
 * [kW·Ci, pixels] × [Co, pixels]ᵀ give all taps with kH + kW copies instead of kH·kW.
 * Otherwise X is sampled once for each tap. Large batches are worked on in chunks that fit into the cache.
 */
export const lowerConvGradWeight: Lowering = (b, node, [x, dy]) => {
  const [n, ...rest] = x.shape as number[];
  const chunks = chunkCount(n, 4 * n * sizeOf(rest));
  const gradients = range(chunks).map((i) => {
    const images = (value: Value) => part(b, value, 0, i, chunks);
    return allGroups(b, node, { x: images(x), dy: images(dy) });
  });
  return [gradients.reduce((sum, gradient) => b.op("Add", [sum, gradient]))];
};

/** The least number of chunks of about equal size that are small enough. */
function chunkCount(images: number, bytes: number): number {
  const wanted = Math.min(MAX_CHUNKS, images, Math.ceil(bytes / CHUNK_BYTES));
  return Math.ceil(images / Math.ceil(images / wanted));
}

function allGroups(b: GraphBuilder, node: Node, { x, dy }: Maps): Value {
  const group = Number(node.attrs.group);
  const gradients = range(group).map((i) =>
    oneGroup(b, node, { x: part(b, x, 1, i, group), dy: part(b, dy, 1, i, group) }),
  );
  return gradients.length === 1 ? gradients[0] : b.op("Concat", gradients, { axis: 0 });
}

/** Part `index` of `count` parts along an axis, all of the same size but perhaps the last. */
function part(b: GraphBuilder, value: Value, axis: number, index: number, count: number): Value {
  if (count === 1) return value;
  const length = Number(value.shape[axis]);
  const size = Math.ceil(length / count);
  const range = [[index * size], [Math.min((index + 1) * size, length)], [axis]];
  return b.op("Slice", [value, ...range.map((numbers) => b.constant(numbers))]);
}

function oneGroup(b: GraphBuilder, node: Node, maps: Maps): Value {
  const { strides, kernel_shape: kernel, dilations } = node.attrs as Record<string, number[]>;
  const dense = [...strides, ...dilations].every((number) => number === 1);
  return dense && kernel[0] > 1 ? byRowsAndColumns(b, node, maps) : byTaps(b, node, maps);
}

function byRowsAndColumns(b: GraphBuilder, node: Node, { x, dy }: Maps): Value {
  const { kernel_shape: kernel, pads } = node.attrs as Record<string, number[]>;
  const rows = range(kernel[0]).map((row) => movedRows(b, dy, row - pads[0], Number(x.shape[2])));
  const columns = range(kernel[1]).map((column) => movedColumns(b, x, pads[1] - column, Number(dy.shape[3])));
  const products = multiplyPixels(b, columns, rows);
  const [out, channels] = [Number(dy.shape[1]), Number(x.shape[1])];
  const taps = b.op("Reshape", [products, b.constant([...kernel, channels, out])]);
  return b.op("Transpose", [taps], { perm: [3, 2, 0, 1] });
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
  const [, out, outHeight, outWidth] = dy.shape as number[];
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
  const product = multiplyPixels(b, taps, [dy]);
  const split = b.op("Reshape", [product, b.constant([...kernel, Number(x.shape[1]), out])]);
  return b.op("Transpose", [split], { perm: [3, 2, 0, 1] });
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
 * [A, pixels] × [B, pixels]ᵀ summed over images, where A are the channels of all `left` maps and B those of one of the `right` ones;
 * [right maps · A, B]. Either a product for each image, whose results are then added, or, where these would be larger than the
 * maps, one product of maps with channels first.
 */
function multiplyPixels(b: GraphBuilder, left: readonly Value[], right: readonly Value[]): Value {
  const [n, channels, ...map] = left[0].shape as number[];
  const others = Number(right[0].shape[1]);
  const pixels = sizeOf(map);
  const perImage = left.length * channels * right.length * others <= (channels + others) * pixels;
  const layout = perImage
    ? (value: Value) => value
    : (value: Value) => b.op("Transpose", [value], { perm: [1, 0, 2, 3] });
  const flat = (value: Value) =>
    b.op("Reshape", [value, b.constant(perImage ? [n, -1, pixels] : [-1, n * pixels])]);
  const all = flat(stack(b, left.map(layout), perImage ? 1 : 0));
  const products = right.map((map) => {
    const product = b.op("FusedMatMul", [all, flat(layout(map))], { transB: 1 });
    return perImage ? b.op("ReduceSum", [product, b.constant([0])], { keepdims: 0 }) : product;
  });
  return stack(b, products, 0);
}

function stack(b: GraphBuilder, parts: readonly Value[], axis: number): Value {
  return parts.length === 1 ? parts[0] : b.op("Concat", parts, { axis });
}

function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}
