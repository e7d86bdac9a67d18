import { normalizer } from "../data/dataset/normalize.ts";
import { decodeImage } from "../data/images/decode-image-node.ts";
import { sizeOf } from "../ir/shape.ts";
import type { Classifier } from "./classifier.ts";
import { type Fetch, type ImageInput, nameOf, readImage } from "./read-image-node.ts";

/** How an image becomes a network's input, float32 [channels × height × width]; images may be prepared side by side. */
export function imagePreparer(
  { shape, channels, fit, normalization }: Classifier,
  fetchImage?: Fetch,
): (input: ImageInput) => Promise<Float32Array> {
  const normalize = normalizer(shape, normalization);
  return async (input) => {
    const source = await readImage(input, fetchImage);
    const { pixels } = await decodeImage(source, { fit, channels, where: nameOf(input) });
    const prepared = new Float32Array(pixels.length);
    normalize(pixels, prepared, 0);
    return prepared;
  };
}

/** Prepared images as one batch. */
export function stack(images: readonly Float32Array[], { shape }: Classifier): Float32Array {
  const length = sizeOf(shape);
  const stacked = new Float32Array(images.length * length);
  for (const [i, image] of images.entries()) stacked.set(image, i * length);
  return stacked;
}
