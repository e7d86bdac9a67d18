import sharp, { type Sharp } from "sharp";
import { randomStream } from "../../src/base/random.ts";
import { decodeImage } from "../../src/data/images/decode-image-node.ts";
import { squareFit } from "../../src/data/images/fit-image.ts";
import type { Format } from "./format.ts";

/** Every kind of image that is taken. */
export const imageFormats: Readonly<Record<string, Format>> = {
  jpeg: images((image) => [
    image.jpeg(),
    image.clone().jpeg({ progressive: true }).withMetadata({ orientation: 6 }),
  ]),
  png: images((image) => [
    image.png(),
    image.clone().png({ palette: true }),
    image.clone().toColorspace("rgb16").png(),
  ]),
  webp: images((image) => [image.webp(), image.clone().webp({ lossless: true })]),
  gif: images((image) => [image.gif()]),
  tiff: images((image) => [
    image.tiff({ compression: "lzw" }),
    image.clone().tiff({ tile: true, compression: "deflate" }),
  ]),
  avif: images((image) => [image.avif({ effort: 0 })]),
};

function images(variants: (image: Sharp) => readonly Sharp[]): Format {
  return {
    async seeds() {
      const random = randomStream(1);
      const pixels = Uint8Array.from({ length: 3 * 24 * 20 }, (_, i) => i / 8 + 60 * random());
      const picture = sharp(pixels, { raw: { width: 24, height: 20, channels: 3 } });
      return Promise.all(variants(picture).map((image) => image.toBuffer()));
    },
    async read(bytes) {
      await decodeImage(bytes, { fit: squareFit(16) });
    },
  };
}
