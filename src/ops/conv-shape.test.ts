import { describe, expect, it } from "vitest";
import type { Dim } from "../ir/shape.ts";
import { symmetric, type Window, windowDim } from "./conv-shape.ts";

interface Settings {
  readonly dilation?: number;
  readonly ceil?: boolean;
}

function windowOf(
  kernel: number,
  stride = 1,
  pad = 0,
  { dilation = 1, ceil = false }: Settings = {},
): Window {
  return {
    kernel_shape: [kernel, kernel],
    strides: [stride, stride],
    pads: symmetric(pad),
    dilations: [dilation, dilation],
    ceil_mode: ceil ? 1 : 0,
  };
}

const sizeAfter = (size: Dim, ...windows: readonly Window[]) =>
  windows.reduce((dim, window) => windowDim(dim, 0, window, "window"), size);

describe("sizes that windows leave of a symbol", () => {
  it.each<[string, Window[], string]>([
    ["3×3, padded", [windowOf(3, 1, 1)], "H"],
    ["3×3", [windowOf(3)], "(H-2)"],
    ["3×3, dilated", [windowOf(3, 1, 0, { dilation: 2 })], "(H-4)"],
    ["two of 3×3 are one of 5×5", [windowOf(3), windowOf(3)], "(H-4)"],
    ["3×3, then what it took is padded", [windowOf(3), windowOf(1, 1, 1)], "H"],
    ["a pool that halves", [windowOf(2, 2)], "⌊(H+0)/2⌋"],
    ["3×3 that halves", [windowOf(3, 2, 1)], "⌊(H+1)/2⌋"],
    ["every other row", [windowOf(1, 2)], "⌊(H+1)/2⌋"],
    ["a pool that rounds up", [windowOf(2, 2, 0, { ceil: true })], "⌊(H+1)/2⌋"],
    ["halved five times", new Array<Window>(5).fill(windowOf(3, 2, 1)), "⌊(H+31)/32⌋"],
    ["rounded up into the padding", [windowOf(2, 2, 1, { ceil: true })], "min(⌊(H+3)/2⌋, ⌊(H+2)/2⌋)"],
  ])("%s", (_, windows, name) => {
    expect(sizeAfter("H", ...windows)).toBe(name);
  });

  it("have one name just where they are equal, whatever the size", () => {
    const single = [1, 2, 3, 5].flatMap((kernel) =>
      [1, 2, 3].flatMap((stride) =>
        [0, 1, 2].flatMap((pad) => [false, true].map((ceil) => windowOf(kernel, stride, pad, { ceil }))),
      ),
    );
    const chains = [...single.map((window) => [window]), ...single.flatMap((a) => single.map((b) => [a, b]))];
    const heights = Array.from({ length: 60 }, (_, i) => 20 + i);
    const sizesOf = new Map<Dim, string>();
    const namesOf = new Map<string, Set<Dim>>();
    for (const chain of chains) {
      const name = sizeAfter("H", ...chain);
      const sizes = heights.map((height) => sizeAfter(height, ...chain)).join();
      expect(sizesOf.get(name) ?? sizes).toBe(sizes);
      sizesOf.set(name, sizes);
      namesOf.set(sizes, (namesOf.get(sizes) ?? new Set()).add(name));
    }
    expect(sizesOf.size).toBeGreaterThan(50);
    // Only what was rounded up into the padding has names of its own.
    for (const names of namesOf.values()) {
      expect([...names].filter((name) => !String(name).includes("min(")).length).toBeLessThanOrEqual(1);
    }
  });

  it("keep products of sizes apart from sizes of products", () => {
    expect(sizeAfter("H·W", windowOf(3))).toBe("(H·W-2)");
    expect(sizeAfter("(H-2)·(W-2)", windowOf(3))).toBe("((H-2)·(W-2)-2)");
  });
});
