import { SenetError } from "../base/errors.ts";
import { type DType, dtypes } from "../ir/dtype.ts";
import type { Value } from "../ir/graph.ts";
import { formatShape } from "../ir/shape.ts";
import { attr } from "../ir/signature.ts";
import { normalAxis, perOutput, required } from "./shared.ts";

/**
 * The rules that the two quantization operators share. `axis` is that of the channels where scale and zero point have one number for
 * each; for a single number it means nothing.
 */
export const scaling = {
  kind: "other",
  mapping: "other",
  attributes: { axis: attr.int(1) },
  arity: [2, 3],
  cost: perOutput(2),
} as const;

/**
 * Checks scale (input 1) and zero point (input 2, of the quantized type) of the two quantization operators: one number, or one for
 * each index of `axis`.
 *
 * @param quantized dtype the zero point must have; undefined: any of 8 bits
 */
export function checkScale(
  inputs: readonly (Value | null)[],
  axis: number,
  quantized: DType | undefined,
  what: string,
): void {
  const [x, scale, zeroPoint] = [required(inputs, 0, what), required(inputs, 1, what), inputs[2]];
  if (scale.dtype !== "float32") {
    throw new SenetError("shape", `${what}: expected a float32 scale, found ${scale.dtype}; cast it.`);
  }
  if (zeroPoint) {
    const fits = quantized ? zeroPoint.dtype === quantized : dtypes[zeroPoint.dtype].bytes === 1;
    if (!fits) {
      const expected = quantized ?? "uint8 or int8";
      throw new SenetError(
        "shape",
        `${what}: expected a zero point of ${expected}, found ${zeroPoint.dtype}; correct it.`,
      );
    }
    if (formatShape(zeroPoint.shape) !== formatShape(scale.shape)) {
      throw new SenetError(
        "shape",
        `${what}: expected scale and zero point of one shape, found ${formatShape(scale.shape)} and ${formatShape(zeroPoint.shape)}; correct one.`,
      );
    }
  }
  if (scale.shape.length === 0 || (scale.shape.length === 1 && scale.shape[0] === 1)) return;
  const channels = x.shape[normalAxis(axis, x.shape.length, what)];
  if (scale.shape.length === 1 && scale.shape[0] === channels) return;
  throw new SenetError(
    "shape",
    `${what}: expected one scale, or ${channels} (one for each index of axis ${axis}), found ${formatShape(scale.shape)}; correct the scale or the axis.`,
  );
}
