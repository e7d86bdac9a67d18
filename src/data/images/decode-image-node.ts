import sharp from "sharp";
import { reasonOf, SenetError } from "../../base/errors.ts";
import { limits } from "../../files/limits.ts";
import { type Fit, fitImage } from "./fit-image.ts";
import { isImage } from "./image-kind.ts";
import type { InterleavedImage } from "./resample.ts";

/** A decoded image: uint8, channels × height × width. */
export interface DecodedImage {
  readonly pixels: Uint8Array;
  readonly height: number;
  readonly width: number;
}

/** How to decode. */
export interface DecodeOptions {
  /** Resize and crop. Default: leave the size. */
  readonly fit?: Fit | undefined;
  /** 3: RGB (greyscale is repeated); 1: gray. Default 3. */
  readonly channels?: 1 | 3 | undefined;
  /** The file's name, for errors. Default "image". */
  readonly where?: string | undefined;
}

/**
 * Decodes JPEG, PNG, WebP, GIF (its first frame), TIFF or AVIF bytes to planar uint8. The EXIF orientation is applied, transparency
 * is laid on white, 16 bits become 8, greyscale and CMYK become RGB. Color profiles are not applied, as in the programs with
 * which public networks were trained. Resizing is Pillow's, to the bit. Pixels already decoded go the same way.
 */
export async function decodeImage(
  source: Uint8Array | InterleavedImage,
  options: DecodeOptions = {},
): Promise<DecodedImage> {
  const { fit, channels = 3, where = "image" } = options;
  try {
    const whole = await decode(source, channels);
    const { pixels, height, width } = fit ? fitImage(whole, fit) : whole;
    return { pixels: toPlanar(pixels, channels), height, width };
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
 * What was found: libvips keeps its error text in one place for all threads, so that beside other
 * images in progress it may be empty or another image's. (It remains as `cause`.)
 */
function foundInstead(error: unknown): string {
  const reason = reasonOf(error);
  if (error instanceof Refused) return reason;
  if (reason.includes("exceeds pixel limit")) return `more than ${limits.imagePixels} pixels`;
  return "damaged or truncated data";
}

async function decode(source: Uint8Array | InterleavedImage, channels: 1 | 3): Promise<InterleavedImage> {
  const bytes = source instanceof Uint8Array ? source : source.pixels;
  if (bytes.length === 0) throw new Refused("an empty file");
  if (source === bytes && !isImage(bytes)) throw new Refused("data of another kind");
  const { data, info } = await sharp(bytes, {
    ...(source !== bytes && { raw: source as InterleavedImage }),
    // Strict enough: warnings such as odd metadata are common in real photographs and harmless.
    failOn: "truncated",
    limitInputPixels: limits.imagePixels,
    ignoreIcc: true,
  })
    .autoOrient()
    .flatten({ background: "#ffffff" })
    .toColorspace(channels === 1 ? "b-w" : "srgb")
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== channels) throw new Error(`${info.channels} channels instead of ${channels}`);
  return { pixels: data, width: info.width, height: info.height, channels };
}

function toPlanar(interleaved: Uint8Array, channels: number): Uint8Array {
  const plane = interleaved.length / channels;
  const planar = new Uint8Array(interleaved.length);
  for (let channel = 0; channel < channels; channel++) {
    for (let i = 0; i < plane; i++) planar[channel * plane + i] = interleaved[i * channels + channel];
  }
  return planar;
}
