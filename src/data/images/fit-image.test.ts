import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type Fit, fitImage } from "./fit-image.ts";

interface Golden extends Omit<Fit, "height" | "width"> {
  readonly image: [height: number, width: number];
  readonly size: [height: number, width: number];
  readonly pixels: number[];
}

const goldens: Golden[] = JSON.parse(
  readFileSync(new URL("../../../test/golden/resize.json", import.meta.url), "utf8"),
);

/** As `picture` of scripts/make-resize-goldens.py. */
function picture(height: number, width: number) {
  const pixels = new Uint8Array(height * width * 3);
  for (let i = 0; i < pixels.length; i++) {
    const c = i % 3;
    const x = Math.floor(i / 3) % width;
    const y = Math.floor(i / 3 / width);
    pixels[i] = x * 29 + y * 47 + c * 85 + ((x * y) % 31) * 8;
  }
  return { pixels, height, width, channels: 3 } as const;
}

test.each(goldens)(
  "equals timm's transform to the bit: $image to $size, $interpolation, $cropFraction",
  ({ image, size: [height, width], pixels, ...how }) => {
    const fitted = fitImage(picture(...image), { height, width, ...how });
    expect([fitted.height, fitted.width, fitted.channels]).toEqual([height, width, 3]);
    const plane = height * width;
    expect([...fitted.pixels]).toEqual(
      Array.from({ length: 3 * plane }, (_, i) => pixels[(i % 3) * plane + Math.floor(i / 3)]),
    );
  },
);

test("an image many times as long as wide costs no more than its window", () => {
  const long = { pixels: new Uint8Array(30_000 * 3).fill(7), height: 1, width: 30_000, channels: 3 } as const;
  const fit = { height: 200, width: 200, cropFraction: 1, interpolation: "bilinear" } as const;
  expect(new Set(fitImage(long, fit).pixels)).toEqual(new Set([7]));
});
