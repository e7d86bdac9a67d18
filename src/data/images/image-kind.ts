/** How each kind of image begins: text, in which a dot stands for any byte. */
const beginnings = [
  "\xff\xd8\xff", // JPEG
  "\x89PNG\r\n\x1a\n",
  "RIFF....WEBP",
  "GIF8",
  "II*\0", // TIFF, and BigTIFF
  "MM\0*",
  "II+\0",
  "MM\0+",
  "....ftyp", // AVIF
] as const;

/**
 * Whether bytes begin as an image of an accepted kind. `sharp` decodes more: an SVG of a few bytes may take minutes to draw, and must not
 * be drawn because a file is named `.jpg`.
 */
export function isImage(bytes: Uint8Array): boolean {
  return beginnings.some((beginning) =>
    Array.from(beginning).every((char, i) => char === "." || bytes[i] === char.charCodeAt(0)),
  );
}
