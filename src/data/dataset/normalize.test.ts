import { expect, test } from "vitest";
import { meanPixel, normalizer } from "./normalize.ts";

test("BGR takes the image's last channel first, and 255 leaves pixels as they are", () => {
  const caffe = {
    mean: [104, 117, 123],
    std: [1, 1, 2],
    pixelRange: 255,
    colorOrder: "BGR",
  } as const;
  const into = new Float32Array(7);
  normalizer([3, 1, 2], caffe)(Uint8Array.of(10, 20, 30, 40, 50, 60), into, 1);
  expect([...into]).toEqual([0, 50 - 104, 60 - 104, 30 - 117, 40 - 117, (10 - 123) / 2, (20 - 123) / 2]);
  expect(meanPixel(caffe)).toEqual([123, 117, 104]);
});

test("statistics that a program without types leaves out are named", () => {
  expect(() => normalizer([1, 2, 2], {} as never)).toThrow(
    "Images with 1 channel: expected `mean` of 1 finite numbers and `std` of 1 positive ones (one per channel), found [] and []; correct them.",
  );
});
