import { SenetError } from "../../base/errors.ts";
import { dtypes } from "../../ir/dtype.ts";
import { knownShape, type Value } from "../../ir/graph.ts";
import { foldWindows } from "./fold-windows.ts";
import type { Lowering } from "./types.ts";

/** Below any activation: what padding holds, so that it never is a maximum. */
const LOWEST = -3e38;

/**
 * For each position in the window: the strided view of X there, whether it equals the window's maximum and no earlier
 * place did, and dY there. The views are then put back where they came from.
 */
export const lowerMaxPoolGrad: Lowering<"MaxPoolGrad"> = (b, { attrs, scope }, [dy, x]) => {
  const { kernel_shape: kernel, strides, pads, dilations } = attrs;
  if (dilations.some((dilation) => dilation !== 1)) {
    throw new SenetError(
      "gradient",
      `MaxPool in ${scope || "the graph"}: the gradient is written for dilation 1 only; use another pool.`,
    );
  }
  const [, , height, width] = knownShape(x);
  const [, , outHeight, outWidth] = knownShape(dy);
  // Room for every window: the padding, and what ceil_mode adds beyond the edge.
  const reach = [0, 1].map((axis) => ([outHeight, outWidth][axis] - 1) * strides[axis] + kernel[axis]);
  const after = [reach[0] - height - pads[0], reach[1] - width - pads[1]];
  const pads4 = b.constant([0, 0, pads[0], pads[1], 0, 0, after[0], after[1]]);
  const padded = b.op("Pad", [x, pads4, b.constant(LOWEST)]);
  // The engine's shape inference (1.30) miscounts windows that ceil_mode drops; with room for just these it cannot.
  const exact = [pads[0], pads[1], Math.max(after[0], 0), Math.max(after[1], 0)];
  const y = b.op("MaxPool", [x], { ...attrs, pads: exact, ceil_mode: 0 });

  let free: Value | undefined;
  const unfolded: Value[] = [];
  for (let row = 0; row < kernel[0]; row++) {
    for (let column = 0; column < kernel[1]; column++) {
      const end = [row + (outHeight - 1) * strides[0] + 1, column + (outWidth - 1) * strides[1] + 1];
      const range = [[row, column], end, [2, 3], strides].map((numbers) => b.constant(numbers));
      const hit = b.op("Cast", [b.op("Equal", [b.op("Slice", [padded, ...range]), y])], {
        to: dtypes.float32.onnx,
      });
      const first: Value = free ? b.op("Mul", [hit, free]) : hit;
      const rest = b.op("Sub", [b.constant(1), hit]);
      free = free ? b.op("Mul", [free, rest]) : rest;
      unfolded.push(b.op("Mul", [dy, first]));
    }
  }
  return [foldWindows(b, unfolded, attrs, knownShape(x))];
};
