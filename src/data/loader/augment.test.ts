import fc from "fast-check";
import { expect, test } from "vitest";
import { messageOf } from "../../../test/support/data-fixtures.ts";
import { randomStream } from "../../base/random.ts";
import { normalizer } from "../dataset/normalize.ts";
import { augment } from "./augment.ts";

const image = Uint8Array.from({ length: 2 * 4 * 5 }, (_, i) => i + 1);
const shape = [2, 4, 5] as const;

/** A stream that gives the listed numbers. */
function fixed(...values: number[]) {
  let next = 0;
  return () => values[next++];
}

function run(options: Parameters<typeof augment>[3], random: () => number): number[] {
  const into = new Uint8Array(image.length).fill(99);
  augment(image, into, shape, options, [200, 201], random);
  return [...into];
}

test("without options the image is unchanged, whatever is drawn", () => {
  expect(run({}, randomStream(1))).toEqual([...image]);
});

test("pad and crop: shifts with black borders", () => {
  // First draw 0: top = −1; second draw 0.99: left = +1.
  const result = run({ pad: 1 }, fixed(0, 0.99, 0.9, 0, 0));
  expect(result.slice(0, 20)).toEqual([0, 0, 0, 0, 0, 2, 3, 4, 5, 0, 7, 8, 9, 10, 0, 12, 13, 14, 15, 0]);
  expect(result.slice(20, 30)).toEqual([0, 0, 0, 0, 0, 22, 23, 24, 25, 0]);
  expect(run({ pad: 9 }, fixed(0, 0, 0.9, 0, 0))).toEqual(new Array(40).fill(0));
});

test("flip mirrors the rows, after the crop", () => {
  expect(run({ flip: true }, fixed(0.5, 0.5, 0.1, 0, 0)).slice(0, 10)).toEqual([
    5, 4, 3, 2, 1, 10, 9, 8, 7, 6,
  ]);
  expect(run({ flip: true }, fixed(0.5, 0.5, 0.5, 0, 0))).toEqual([...image]);
  expect(run({ pad: 1, flip: true }, fixed(0.5, 0.99, 0.1, 0, 0)).slice(0, 5)).toEqual([0, 5, 4, 3, 2]);
});

test("cutout fills a square, cut off at the border, with the channel's value", () => {
  const result = run({ cutout: 2 }, fixed(0.5, 0.5, 0.9, 0.3, 0.5));
  expect(result.slice(0, 15)).toEqual([1, 200, 200, 4, 5, 6, 200, 200, 9, 10, 11, 12, 13, 14, 15]);
  expect(result.slice(20, 25)).toEqual([21, 201, 201, 24, 25]);
  expect(run({ cutout: 2 }, fixed(0.5, 0.5, 0.9, 0, 0)).slice(0, 10)).toEqual([
    200, 2, 3, 4, 5, 6, 7, 8, 9, 10,
  ]);
});

test("equals padding, cropping and mirroring done one after the other", () => {
  fc.assert(
    fc.property(fc.nat(6), fc.boolean(), fc.integer(), (pad, flip, seed) => {
      const random = randomStream(seed);
      const [top, left] = [random(), random()].map((r) => Math.floor(r * (2 * pad + 1)) - pad);
      const mirrored = random() < 0.5 && flip;
      const expected = [...image.keys()].map((i) => {
        const [channel, y, x] = [Math.floor(i / 20), Math.floor(i / 5) % 4, i % 5];
        const [sourceY, sourceX] = [y + top, (mirrored ? 4 - x : x) + left];
        const inside = sourceY >= 0 && sourceY < 4 && sourceX >= 0 && sourceX < 5;
        return inside ? image[channel * 20 + sourceY * 5 + sourceX] : 0;
      });
      expect(run({ pad, flip }, randomStream(seed))).toEqual(expected);
    }),
  );
});

test("impossible options have exact messages", async () => {
  expect(await messageOf(() => run({ pad: 1.5 }, randomStream(0)))).toBe(
    "usage: augment.pad: expected a whole number of pixels ≥ 0, found 1.5; correct it.",
  );
  expect(await messageOf(() => normalizer([3, 1, 1], { mean: [0.5], std: [0] }))).toBe(
    "usage: Images with 3 channels: expected `mean` of 3 finite numbers and `std` of 3 positive ones (one per channel), found [0.5] and [0]; correct them.",
  );
});

test("normalizes as torchvision, in float32", () => {
  // torchvision: Normalize([0.485, 0.456], [0.229, 0.224])(ToTensor()(…)) of pixels 0, 255, 128, 7.
  const into = new Float32Array(5);
  normalizer([2, 1, 2], { mean: [0.485, 0.456], std: [0.229, 0.224] })(
    Uint8Array.of(0, 255, 128, 7),
    into,
    1,
  );
  const expected = [-2.117904, 2.2489083, 0.2051822, -1.9131652];
  expect(into[0]).toBe(0);
  expected.forEach((value, i) => {
    expect(into[i + 1]).toBeCloseTo(value, 5);
  });
});
