/** What an image's first bytes say about it. */
export interface ImageHeader {
  readonly width: number;
  readonly height: number;
  readonly gray: boolean;
}

/**
 * Size and color of a JPEG or PNG from its header, a thousand times faster than decoding it, so that every
 * row of a data set can be checked before training begins. `undefined` for other formats or damaged headers,
 * which decoding will report. The EXIF orientation is ignored: width and height may be exchanged.
 */
export function imageHeader(bytes: Uint8Array): ImageHeader | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length >= 26 && view.getUint32(0) === 0x89504e47) return pngHeader(view);
  if (bytes.length >= 4 && view.getUint16(0) === 0xffd8) return jpegHeader(view);
  return undefined;
}

/** The IHDR chunk comes first; color types 0 and 4 are gray (PNG specification, 11.2.2). */
function pngHeader(view: DataView): ImageHeader {
  const colorType = view.getUint8(25);
  return {
    width: view.getUint32(16),
    height: view.getUint32(20),
    gray: colorType === 0 || colorType === 4,
  };
}

/** Walks the marker segments to the frame header SOF0 … SOF15 (ITU-T T.81, B.2.2). */
function jpegHeader(view: DataView): ImageHeader | undefined {
  let offset = 2;
  while (offset + 10 <= view.byteLength) {
    if (view.getUint8(offset) !== 0xff) return undefined;
    const marker = view.getUint8(offset + 1);
    if (marker === 0xff) {
      offset += 1; // fill byte
    } else if (marker >= 0xc0 && marker <= 0xcf && !NOT_FRAMES.has(marker)) {
      const height = view.getUint16(offset + 5);
      const width = view.getUint16(offset + 7);
      return { width, height, gray: view.getUint8(offset + 9) === 1 };
    } else {
      offset += 2 + view.getUint16(offset + 2);
    }
  }
  return undefined;
}

/** DHT, JPG and DAC share the range of the frame headers. */
const NOT_FRAMES = new Set([0xc4, 0xc8, 0xcc]);
