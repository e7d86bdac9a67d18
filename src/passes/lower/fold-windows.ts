import type { GraphBuilder } from "../../ir/builder.ts";
import { knownShape, type Value } from "../../ir/graph.ts";
import type { Window } from "../../ops/conv-shape.ts";

/**
 * The reverse of unfolding windows (col2im): adds position k of every window, [N,C,outHeight,outWidth], to
 * the pixel it came from. One depthwise ConvTranspose whose kernels are single ones.
 *
 * @param unfolded one map per position in the window, in row-major order
 * @param shape the pooled input's, [N,C,H,W]
 */
export function foldWindows(
  b: GraphBuilder,
  unfolded: readonly Value[],
  { kernel_shape: kernel, strides, pads }: Window,
  shape: readonly number[],
): Value {
  const [n, channels, height, width] = shape;
  const [, , outHeight, outWidth] = knownShape(unfolded[0]);
  const places = unfolded.length;
  const apart = unfolded.map((map) =>
    b.op("Reshape", [map, b.constant([n, channels, 1, outHeight, outWidth])]),
  );
  const stacked = b.op("Reshape", [
    b.op("Concat", apart, { axis: 2 }),
    b.constant([n, channels * places, outHeight, outWidth]),
  ]);
  const ones = new Float32Array(channels * places * places);
  for (let i = 0; i < channels * places; i++) ones[i * places + (i % places)] = 1;
  const weight = b.constant({ dtype: "float32", shape: [channels * places, 1, ...kernel], data: ones });
  const full = b.op("ConvTranspose", [stacked, weight], { kernel_shape: kernel, strides, group: channels });
  const [, , fullHeight, fullWidth] = knownShape(full);
  // Drop the padding; add pixels no window reached, drop those beyond the edge that rounding up reached.
  const frame = [-pads[0], -pads[1], height + pads[0] - fullHeight, width + pads[1] - fullWidth];
  return b.op("Pad", [full, b.constant([0, 0, frame[0], frame[1], 0, 0, frame[2], frame[3]])]);
}
