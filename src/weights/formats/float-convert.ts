import type { Tensor } from "../../ir/tensor.ts";

/**
 * A floating-point tensor as float32. float16 is widened exactly; float64 is rounded to the nearest, and what lies beyond float32
 * becomes infinite, as in every engine.
 *
 * @returns nothing for a tensor that is not of floating point
 */
export function toFloat32(tensor: Tensor): Tensor | undefined {
  const { dtype, shape, data } = tensor;
  if (dtype === "float32") return tensor;
  if (dtype === "float64") return { dtype: "float32", shape, data: Float32Array.from(data as Float64Array) };
  if (dtype === "float16") return { dtype: "float32", shape, data: widenFloat16(data as Uint16Array) };
  return undefined;
}

/** IEEE 754 binary16: 1 sign bit, 5 exponent bits with bias 15, 10 fraction bits. */
function widenFloat16(words: Uint16Array): Float32Array {
  const floats = new Float32Array(words.length);
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    const exponent = (word >> 10) & 0x1f;
    const fraction = (word & 0x3ff) / 1024;
    const sign = word >> 15 ? -1 : 1;
    floats[i] = sign * magnitude(exponent, fraction);
  }
  return floats;
}

function magnitude(exponent: number, fraction: number): number {
  if (exponent === 0) return fraction * 2 ** -14; // subnormal
  if (exponent < 31) return (1 + fraction) * 2 ** (exponent - 15);
  return fraction === 0 ? Number.POSITIVE_INFINITY : Number.NaN;
}
