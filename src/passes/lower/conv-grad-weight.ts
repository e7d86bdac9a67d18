import type { GraphBuilder } from "../../ir/builder.ts";
import { knownShape, type Value } from "../../ir/graph.ts";
import { sizeOf } from "../../ir/shape.ts";
import type { ConvAttrs } from "../../ops/conv-shape.ts";
import { outweighsMaps, weightGradient } from "./conv-as-mat-mul.ts";
import { movedColumns, movedRows } from "./shift-maps.ts";
import { part, range, stack } from "./slices.ts";
import type { Lowering } from "./types.ts";
import { unfold } from "./unfold.ts";

/** The operands of a weight gradient: maps [N·group, C/group, H, W], so that each group of channels is a separate image. */
interface Maps {
  readonly x: Value;
  readonly dy: Value;
}

/** Bytes of input per product: its copies should stay in the processor's cache. */
const CHUNK_BYTES = 2 * 2 ** 20;

/** Each chunk costs some twenty nodes, whose overhead outweighs the cache when there are many. */
const MAX_CHUNKS = 8;

/**
 * dW[o,i,r,c] = Σ over images and pixels of dY[o, pixel] · X[i, pixel moved by (r, c)]: matrix products over pixels.
 *
 * For a kernel of several rows and stride 1, dY is moved by row and X by column, so that kH products
 * [Co, pixels] × [kW·Ci, pixels]ᵀ give all kernel positions with kH + kW copies instead of kH·kW.
 * Otherwise X is sampled once for each kernel position. Large batches are processed in chunks that fit into the cache.
 * Groups are a batch of smaller gradients; where there is one, no node is spent on separating it.
 */
export const lowerConvGradWeight: Lowering<"ConvGradWeight"> = (b, { attrs, outputs }, [x, dy]) => {
  const sizes = { x: knownShape(x), w: knownShape(outputs[0]), y: knownShape(dy) };
  if (outweighsMaps(sizes, attrs)) return [weightGradient(b, [x, dy], sizes, attrs)];
  const [n, ...rest] = knownShape(x);
  const chunks = chunkCount(n, 4 * n * sizeOf(rest));
  const gradients = range(chunks).map((i) => {
    const images = (value: Value) => byGroups(b, attrs, part(b, value, 0, i, chunks));
    return gradientOf(b, attrs, { x: images(x), dy: images(dy) });
  });
  return [gradients.reduce((sum, gradient) => b.op("Add", [sum, gradient]))];
};

/** [N, C, H, W] → [N·group, C/group, H, W]. */
function byGroups(b: GraphBuilder, { group }: ConvAttrs, map: Value): Value {
  const [n, channels, ...size] = knownShape(map);
  return group === 1 ? map : b.op("Reshape", [map, b.constant([n * group, channels / group, ...size])]);
}

/** The smallest number of chunks of about equal size that are small enough. */
function chunkCount(images: number, bytes: number): number {
  const wanted = Math.min(MAX_CHUNKS, images, Math.ceil(bytes / CHUNK_BYTES));
  return Math.ceil(images / Math.ceil(images / wanted));
}

function gradientOf(b: GraphBuilder, attrs: ConvAttrs, maps: Maps): Value {
  const dense = [...attrs.strides, ...attrs.dilations].every((number) => number === 1);
  const products = dense && attrs.kernel_shape[0] > 1 ? byRowsAndColumns : byTaps;
  return toWeight(b, attrs, maps, products(b, attrs, maps));
}

/** [group, M, kH·kW·C] → the weight's [group·M, C, kH, kW]; a 1×1 kernel already lies so. */
function toWeight(
  b: GraphBuilder,
  { kernel_shape: kernel, group }: ConvAttrs,
  { x, dy }: Maps,
  products: Value,
): Value {
  const [channels, filters] = [Number(x.shape[1]), group * Number(dy.shape[1])];
  const shape = b.constant([filters, channels, ...kernel]);
  if (sizeOf(kernel) === 1) return b.op("Reshape", [products, shape]);
  const positions = b.op("Reshape", [products, b.constant([filters, sizeOf(kernel), channels])]);
  return b.op("Reshape", [b.op("Transpose", [positions], { perm: [0, 2, 1] }), shape]);
}

function byRowsAndColumns(b: GraphBuilder, attrs: ConvAttrs, { x, dy }: Maps): Value {
  const { kernel_shape: kernel, pads, group } = attrs;
  const rows = range(kernel[0]).map((row) => movedRows(b, dy, row - pads[0], Number(x.shape[2])));
  const columns = range(kernel[1]).map((column) => movedColumns(b, x, pads[1] - column, Number(dy.shape[3])));
  return multiplyPixels(b, columns, rows, group);
}

function byTaps(b: GraphBuilder, attrs: ConvAttrs, { x, dy }: Maps): Value {
  return multiplyPixels(b, unfold(b, x, attrs, knownShape(dy).slice(2)), [dy], attrs.group);
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
  const [images, channels, ...map] = knownShape(left[0]);
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
  const [, channels, ...size] = knownShape(map);
  if (group === 1) {
    const turned = b.op("Transpose", [map], { perm: [1, 0, 2, 3] });
    return b.op("Reshape", [turned, b.constant([1, channels, -1])]);
  }
  const split = b.op("Reshape", [map, b.constant([n, group, channels, sizeOf(size)])]);
  const turned = b.op("Transpose", [split], { perm: [1, 2, 0, 3] });
  return b.op("Reshape", [turned, b.constant([group, channels, -1])]);
}
