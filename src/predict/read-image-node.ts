import { fileURLToPath } from "node:url";
import { SenetError, usageError } from "../base/errors.ts";
import { formatBytes } from "../base/format.ts";
import type { InterleavedImage } from "../data/images/resample.ts";
import { limits } from "../files/limits.ts";
import { readDataFile } from "../files/read-file-node.ts";

/**
 * A picture to be classified: a path, a URL (`https:`, `data:`, `file:`), the bytes of an image file, or decoded pixels (1: gray,
 * 3: RGB, 4: RGBA), rows from the top, the channels of a pixel side by side, as canvases and `sharp` have them.
 */
export type ImageInput = string | URL | Uint8Array | ArrayBuffer | Blob | RawImage;

/** Decoded pixels. */
export interface RawImage {
  readonly data: Uint8Array | Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
  /** Default: what the length of `data` says. */
  readonly channels?: number | undefined;
}

/** Like the global `fetch`. */
export type Fetch = (url: URL, init: { readonly signal: AbortSignal }) => Promise<Response>;

/** Time limit of a download, in milliseconds. */
const FETCH_MS = 60_000;

/** The name of an input in errors. */
export function nameOf(input: ImageInput): string {
  if (typeof input === "string" && !input.startsWith("data:")) return input;
  if (input instanceof URL && input.protocol !== "data:") return input.href;
  return "image";
}

/**
 * What an input holds: the bytes of an image file, or pixels.
 *
 * @throws SenetError `data` when there is nothing readable; `usage` for something that is not an image at all
 */
export async function readImage(
  input: ImageInput,
  fetchImage: Fetch = fetch,
): Promise<Uint8Array | InterleavedImage> {
  if (typeof input === "string") {
    const isUrl = /^(https?|data|file):/i.test(input);
    if (!isUrl) return readDataFile(input, limits.imageBytes);
    if (!URL.canParse(input)) throw noAddress(input);
    return readUrl(new URL(input), fetchImage);
  }
  if (input instanceof URL) return readUrl(input, fetchImage);
  if (input instanceof Uint8Array) return input;
  if (input instanceof ArrayBuffer) return new Uint8Array(input);
  if (input instanceof Blob) return new Uint8Array(await input.arrayBuffer());
  return checkPixels(input);
}

function readUrl(url: URL, fetchImage: Fetch): Promise<Uint8Array> {
  return url.protocol === "file:" ? readDataFile(pathOf(url), limits.imageBytes) : download(url, fetchImage);
}

/** The path of a `file:` URL, which may name another machine. */
function pathOf(url: URL): string {
  try {
    return fileURLToPath(url);
  } catch (cause) {
    throw noAddress(url.href, cause);
  }
}

function noAddress(address: string, cause?: unknown): SenetError {
  return new SenetError(
    "usage",
    `${address}: expected the address of an image, found one that leads nowhere; correct it.`,
    { cause },
  );
}

async function download(url: URL, fetchImage: Fetch): Promise<Uint8Array> {
  const where = nameOf(url);
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    const response = await fetchImage(url, { signal: AbortSignal.timeout(FETCH_MS) });
    if (!response.ok) throw unreadable(where, `the answer ${response.status} ${response.statusText}`.trim());
    for await (const chunk of response.body ?? []) {
      length += chunk.length;
      if (length > limits.imageBytes) throw unreadable(where, `more than ${formatBytes(limits.imageBytes)}`);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof SenetError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw unreadable(where, `no answer or not all of it (${reason})`, error);
  }
  return Buffer.concat(chunks);
}

function unreadable(where: string, found: string, cause?: unknown): SenetError {
  return new SenetError(
    "data",
    `${where}: expected an image, found ${found}; check the address and the network.`,
    { cause },
  );
}

function checkPixels(input: RawImage): InterleavedImage {
  // Programs without types may pass nothing.
  const { data, width, height, channels } = (input ?? {}) as RawImage;
  const perPixel = ([1, 3, 4] as const).find((count) => data?.length === width * height * count);
  const isBytes = data instanceof Uint8Array || data instanceof Uint8ClampedArray;
  if (isBytes && perPixel && (channels ?? perPixel) === perPixel) {
    const pixels = new Uint8Array(data.buffer, data.byteOffset, data.length);
    return { pixels, width, height, channels: perPixel };
  }
  if (isBytes && width * height > 0) {
    const counts = [1, 3, 4].filter((count) => count === channels);
    const allowed = counts.length > 0 ? counts : [1, 3, 4];
    const lengths = allowed.map((count) => width * height * count);
    throw usageError(
      `image: expected ${width}×${height} pixels of ${allowed.join(" or ")} bytes, ${lengths.join(" or ")} in all, found ${data.length} bytes; correct the size or the data.`,
    );
  }
  throw new SenetError(
    "usage",
    "image: expected a path, a URL, the bytes of an image file, or pixels { data, width, height, channels } with 1, 3 or 4 bytes a pixel, found something else; give one of these.",
  );
}
