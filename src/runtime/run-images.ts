import { type Shape, sizeOf } from "../ir/shape.ts";
import type { Tensor } from "../ir/tensor.ts";
import type { Session } from "./session.ts";

/** Numbers in two images of 224×224: for heavy networks more take longer an image (docs/performance.md). */
const NUMBERS = 2 * 3 * 224 * 224;
/** Images from which on `forManyImages` may rewrite a network: that takes 1.5 s for SE-ResNet-50, and saves 2 ms an image. */
export const MANY = 1000;
/** Images at once up to which one at a time is as good, where the network is rewritten for one: those of 224×224 and above. */
export const FEW_AT_ONCE = 2;
/** Of small images too, more bring nothing (docs/performance.md). */
const MOST = 32;

/**
 * How many images are best run at once, by the size of one alone, so that results do not depend on a measurement: 2 of 224×224, 32
 * of 32×32.
 *
 * @param shape channels, height, width of an image
 * @example imagesAtOnce([3, 224, 224]) // 2
 */
export function imagesAtOnce(shape: readonly number[]): number {
  return Math.max(1, Math.min(MOST, Math.floor(NUMBERS / sizeOf(shape))));
}

/**
 * Runs any number of images through a network: as many at once as it fixes, zeros filling the last part, or as are best
 * (`imagesAtOnce`).
 *
 * @param session a network from images [N,C,H,W] to outputs [N,…], all float32
 * @param images one after another
 * @param shape channels, height, width of an image
 * @returns the session's outputs in their order, with one row an image
 * @throws SenetError as `Session.run` does
 * @example const [logits] = await runImages(session, pixels, [3, 224, 224]);
 */
export async function runImages(
  session: Session,
  images: Float32Array,
  shape: readonly number[],
): Promise<Tensor[]> {
  const [{ name, shape: input }] = session.inputs;
  const count = images.length / sizeOf(shape);
  const fixed = fixedBatch(input);
  const most = fixed ?? imagesAtOnce(shape);
  const parts: Tensor[][] = [];
  for (let from = 0; from < count; from += most) {
    const size = fixed ?? Math.min(most, count - from);
    const data = rowsOf(images, from, size, sizeOf(shape));
    const outputs = await session.run({ [name]: { dtype: "float32", shape: [size, ...shape], data } });
    parts.push(session.outputs.map((output) => outputs[output.name]));
  }
  return session.outputs.map((_, i) =>
    joined(
      parts.map((part) => part[i]),
      count,
    ),
  );
}

/** The number of images that a network fixes; engines give a symbol or −1 where any fits. */
export function fixedBatch([batch]: Shape): number | undefined {
  return typeof batch === "number" && batch > 0 ? batch : undefined;
}

/** Rows of an array, with zeros behind its end. */
function rowsOf(numbers: Float32Array, from: number, count: number, length: number): Float32Array {
  const rows = numbers.subarray(from * length, (from + count) * length);
  if (rows.length === count * length) return rows;
  const filled = new Float32Array(count * length);
  filled.set(rows);
  return filled;
}

/** Parts one behind the other, without the rows beyond `count`. */
function joined(parts: readonly Tensor[], count: number): Tensor {
  const [{ dtype, shape }] = parts;
  const [, ...row] = shape;
  const length = count * sizeOf(row);
  if (parts.length === 1) {
    return { dtype, shape: [count, ...row], data: (parts[0].data as Float32Array).subarray(0, length) };
  }
  const data = new Float32Array(length);
  let at = 0;
  for (const part of parts) {
    const rows = (part.data as Float32Array).subarray(0, length - at);
    data.set(rows, at);
    at += rows.length;
  }
  return { dtype, shape: [count, ...row], data };
}
