import sharp from "sharp";
import { SenetError } from "../errors.ts";
import { limits } from "./limits.ts";
import { reasonOf } from "./read-file-node.ts";

/** A decoded image: uint8, channels × height × width. */
export interface DecodedImage {
  readonly pixels: Uint8Array;
  readonly height: number;
  readonly width: number;
}

/** How to decode. */
export interface DecodeOptions {
  /** Resize so that the short side has this many pixels, then crop the centre square. Default: leave the size. */
  readonly size?: number | undefined;
  /** 3: RGB (greyscale is repeated); 1: grey. Default 3. */
  readonly channels?: 1 | 3 | undefined;
  /** The file's name, for errors. Default "image". */
  readonly where?: string | undefined;
}

/**
 * Decodes JPEG, PNG, WebP, GIF, TIFF or AVIF bytes to planar uint8. The EXIF orientation is applied, transparency
 * is laid on white, 16 bits become 8, greyscale and CMYK become RGB. Resizing is Lanczos-3 (libvips), which
 * differs from torchvision's bilinear by a few grey levels.
 *
 * @throws SenetError "data" for bytes that are no image, a truncated image, or one beyond the limits.
 * @example const { pixels } = await decodeImage(await readFile("cat.jpg"), { size: 224 }); // 3×224×224
 */
export async function decodeImage(bytes: Uint8Array, options: DecodeOptions = {}): Promise<DecodedImage> {
  const { size, channels = 3, where = "image" } = options;
  try {
    const { data, info } = await pipeline(bytes, size, channels);
    if (info.channels !== channels) throw new Error(`${info.channels} channels instead of ${channels}`);
    const height = size ?? info.height;
    const width = size ?? info.width;
    return { pixels: cropToPlanar(data, info, { channels, height, width }), height, width };
  } catch (error) {
    throw new SenetError(
      "data",
      `${where}: expected a whole image (JPEG, PNG, WebP, GIF, TIFF or AVIF), found ${foundInstead(error)}; replace or remove it.`,
      { cause: error },
    );
  }
}

/** A file that sharp could decode but we refuse. */
class Refused extends Error {}

/**
 * What was found, in our words: libvips keeps its error text in one place for all threads, so that beside other
 * images in progress it may be empty or another image's. (It remains as `cause`.)
 */
function foundInstead(error: unknown): string {
  const reason = reasonOf(error);
  if (error instanceof Refused) return reason;
  if (reason.includes("unsupported image format")) return "data of another kind";
  if (reason.includes("exceeds pixel limit")) return `more than ${limits.imagePixels} pixels`;
  return "damaged or truncated data";
}

async function pipeline(bytes: Uint8Array, size: number | undefined, channels: 1 | 3) {
  if (bytes.length === 0) throw new Refused("an empty file");
  // "truncated" is strict enough: warnings such as odd metadata are common in real photographs and harmless.
  const options = { failOn: "truncated", limitInputPixels: limits.imagePixels } as const;
  let image = sharp(bytes, options).autoOrient();
  if (size !== undefined) {
    const { width, height } = await sharp(bytes, options).metadata();
    const ratio = Math.max(width, height) / Math.min(width, height);
    if (ratio > limits.aspectRatio) {
      throw new Refused(
        `an image of ${width}×${height}, more than ${limits.aspectRatio} times as long as wide`,
      );
    }
    // Not fit "cover": libvips then never reads the part below the crop, and a truncated file passes unseen.
    image = image.resize(size, size, { fit: "outside" });
  }
  return image
    .flatten({ background: "#ffffff" })
    .toColourspace(channels === 1 ? "b-w" : "srgb")
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
}

/** Interleaved to planar, keeping the centre (rounded as torchvision's CenterCrop). */
function cropToPlanar(
  interleaved: Uint8Array,
  from: { readonly width: number; readonly height: number },
  to: { readonly channels: number; readonly height: number; readonly width: number },
): Uint8Array {
  const { channels, height, width } = to;
  const top = Math.round((from.height - height) / 2);
  const left = Math.round((from.width - width) / 2);
  const planar = new Uint8Array(channels * height * width);
  let target = 0;
  for (let channel = 0; channel < channels; channel++) {
    for (let y = 0; y < height; y++) {
      let origin = ((top + y) * from.width + left) * channels + channel;
      for (let x = 0; x < width; x++) {
        planar[target++] = interleaved[origin];
        origin += channels;
      }
    }
  }
  return planar;
}
