import type { GraphBuilder } from "../../ir/builder.ts";
import type { Value } from "../../ir/graph.ts";
import { type Window, windowDim } from "../../ops/conv-shape.ts";
import { foldWindows } from "./fold-windows.ts";
import type { Lowering } from "./types.ts";

/** dY divided by the size of its window, then added to every pixel of that window. */
export const lowerAveragePoolGrad: Lowering<"AveragePoolGrad"> = (b, { attrs }, [dy]) => {
  const { input_shape: shape, kernel_shape, count_include_pad } = attrs;
  const [height, width] = kernel_shape;
  const share = b.op("Mul", [dy, inverseSizes(b, attrs, shape, count_include_pad === 1)]);
  const unfolded = Array.from({ length: height * width }, () => share);
  return [foldWindows(b, unfolded, attrs, shape)];
};

/** 1 / (pixels a window covers), [1, 1, outHeight, outWidth]. */
function inverseSizes(
  b: GraphBuilder,
  window: Window,
  shape: readonly number[],
  countPadding: boolean,
): Value {
  const [rows, columns] = [0, 1].map((axis) => covered(axis as 0 | 1, window, shape[axis + 2], countPadding));
  const data = Float32Array.from(rows.flatMap((r) => columns.map((c) => 1 / (r * c))));
  return b.constant({ dtype: "float32", shape: [1, 1, rows.length, columns.length], data });
}

function covered(axis: 0 | 1, window: Window, size: number, countPadding: boolean): number[] {
  const [before, after] = [window.pads[axis], window.pads[axis + 2]];
  const length = Number(windowDim(size, axis, window, "AveragePoolGrad"));
  const [low, high] = countPadding ? [-before, size + after] : [0, size];
  return Array.from({ length }, (_, i) => {
    const start = i * window.strides[axis] - before;
    return Math.min(start + window.kernel_shape[axis], high) - Math.max(start, low);
  });
}
