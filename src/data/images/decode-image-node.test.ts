import { crc32 } from "node:zlib";
import sharp from "sharp";
import { expect, test } from "vitest";
import { imageBytes, messageOf } from "../../../test/support/data-fixtures.ts";
import { decodeImage } from "./decode-image-node.ts";
import { squareFit } from "./fit-image.ts";
import { imageHeader } from "./image-header.ts";

/** A PNG from rows of gray or RGB values. */
function png(width: number, height: number, channels: 1 | 2 | 3 | 4, values: number[]) {
  return sharp(Uint8Array.from(values), { raw: { width, height, channels } }).png();
}

test("gives planar RGB", async () => {
  const bytes = await png(2, 1, 3, [1, 2, 3, 4, 5, 6]).toBuffer();
  expect(await decodeImage(bytes)).toEqual({ pixels: Uint8Array.of(1, 4, 2, 5, 3, 6), height: 1, width: 2 });
});

test("greyscale becomes RGB, or stays one channel when asked", async () => {
  const bytes = await png(2, 1, 1, [10, 200]).toColorspace("b-w").toBuffer();
  expect([...(await decodeImage(bytes)).pixels]).toEqual([10, 200, 10, 200, 10, 200]);
  expect([...(await decodeImage(bytes, { channels: 1 })).pixels]).toEqual([10, 200]);
});

test("transparency is laid on white", async () => {
  const bytes = await png(2, 1, 4, [10, 20, 30, 255, 10, 20, 30, 0]).toBuffer();
  expect([...(await decodeImage(bytes)).pixels]).toEqual([10, 255, 20, 255, 30, 255]);
  const gray = await png(2, 1, 2, [10, 255, 10, 0]).toColorspace("b-w").toBuffer();
  expect([...(await decodeImage(gray, { channels: 1 })).pixels]).toEqual([10, 255]);
});

test("16-bit images become 8-bit", async () => {
  const deep = await png(2, 1, 3, [0, 0, 0, 255, 255, 255]).toColorspace("rgb16").toBuffer();
  expect((await sharp(deep).metadata()).depth).toBe("ushort");
  expect([...(await decodeImage(deep)).pixels]).toEqual([0, 255, 0, 255, 0, 255]);
});

test("the EXIF orientation is applied", async () => {
  const bytes = await sharp(await imageBytes(20, 10, undefined, "jpeg"))
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer();
  expect(imageHeader(bytes)).toEqual({ width: 20, height: 10, gray: false });
  const { width, height } = await decodeImage(bytes);
  expect([width, height]).toEqual([10, 20]);
});

test("resizes the short side and keeps the center square", async () => {
  const left = new Array(90)
    .fill(0)
    .flatMap((_, i) => (i % 9 < 3 ? [255, 0, 0] : i % 9 < 6 ? [0, 255, 0] : [0, 0, 255]));
  const large = await png(9, 10, 3, left).resize(90, 30, { fit: "fill", kernel: "nearest" }).toBuffer();
  const { pixels, width, height } = await decodeImage(large, { fit: squareFit(30) });
  expect([width, height]).toEqual([30, 30]);
  expect(pixels[15 * 30 + 15]).toBe(0);
  expect(pixels[900 + 15 * 30 + 15]).toBe(255);
  expect(pixels[1800 + 15 * 30 + 15]).toBe(0);
});

test.each(["jpeg", "png", "webp"] as const)(
  "half a %s is an error, with and without resizing",
  async (format) => {
    for (const fraction of [0.5, 0.95]) {
      // Tall, so that the end of the file lies below the center crop.
      const whole = await imageBytes(40, 400, undefined, format);
      const bytes = whole.subarray(0, Math.floor(whole.length * fraction));
      for (const fit of [undefined, squareFit(32)]) {
        await expect(decodeImage(bytes, { fit, where: "half" })).rejects.toThrow(
          /^half: expected a whole image/,
        );
        await expect(decodeImage(whole, { fit })).resolves.toBeDefined();
      }
    }
  },
);

test("malformed images have exact messages", async () => {
  const advice = "replace or remove it.";
  const expected = "expected a whole image (JPEG, PNG, WebP, GIF, TIFF or AVIF), found";
  const jpeg = await imageBytes(64, 64, undefined, "jpeg");
  const bomb = Buffer.from(await imageBytes(8, 8));
  // The header alone claims the size: nothing may be decoded to find out.
  bomb.writeUInt32BE(10_000, 16);
  bomb.writeUInt32BE(10_000, 20);
  bomb.writeUInt32BE(crc32(bomb.subarray(12, 29)), 29);
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
  const found = [
    await messageOf(() => decodeImage(svg, { where: "svg.jpg" })),
    await messageOf(() => decodeImage(bomb, { where: "bomb.png" })),
    await messageOf(() => decodeImage(Buffer.from("hello"), { where: "a.txt" })),
    await messageOf(() => decodeImage(new Uint8Array(), { where: "b.jpg" })),
    await messageOf(() => decodeImage(jpeg.subarray(0, jpeg.length / 2), { where: "c.jpg" })),
  ];
  expect(found).toEqual([
    `data: svg.jpg: ${expected} data of another kind; ${advice}`,
    `data: bomb.png: ${expected} more than 89478485 pixels; ${advice}`,
    `data: a.txt: ${expected} data of another kind; ${advice}`,
    `data: b.jpg: ${expected} an empty file; ${advice}`,
    `data: c.jpg: ${expected} damaged or truncated data; ${advice}`,
  ]);
});

test("headers tell size and color without decoding", async () => {
  expect(imageHeader(await imageBytes(7, 5, undefined, "jpeg"))).toEqual({
    width: 7,
    height: 5,
    gray: false,
  });
  expect(imageHeader(await imageBytes(7, 5, undefined, "png"))).toEqual({ width: 7, height: 5, gray: false });
  const gray = sharp(await imageBytes(7, 5)).toColorspace("b-w");
  expect(imageHeader(await gray.clone().jpeg().toBuffer())).toEqual({ width: 7, height: 5, gray: true });
  expect(imageHeader(await gray.clone().png().toBuffer())).toEqual({ width: 7, height: 5, gray: true });
  expect(imageHeader(await imageBytes(7, 5, undefined, "webp"))).toBeUndefined();
  const jpeg = await imageBytes(7, 5, undefined, "jpeg");
  for (let end = 0; end < 200; end++) expect(() => imageHeader(jpeg.subarray(0, end))).not.toThrow();
});

test.each(["jpeg", "png", "webp", "gif", "tiff", "avif"] as const)("takes %s", async (format) => {
  const bytes = await sharp(await imageBytes(8, 6, "#08f"))
    .toFormat(format)
    .toBuffer();
  expect(await decodeImage(bytes)).toMatchObject({ width: 8, height: 6 });
});
