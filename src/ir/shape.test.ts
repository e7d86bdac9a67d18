import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  broadcastAxes,
  broadcastShapes,
  type Dim,
  elementCount,
  formatShape,
  multiplyDims,
  type Shape,
  sizeOf,
} from "./shape.ts";

const dim = fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constantFrom("N", "M"));
const shape = fc.array(dim, { maxLength: 4 });
const numbers = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 });

/** numpy's rule, written down: pad with ones on the left; on each axis equal, or one of them 1. */
function numpyBroadcast(a: Shape, b: Shape): Dim[] | "error" {
  const rank = Math.max(a.length, b.length);
  const pad = (short: Shape): Dim[] => [...new Array<Dim>(rank - short.length).fill(1), ...short];
  const [left, right] = [pad(a), pad(b)];
  const result: Dim[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const choices = new Set([left[axis], right[axis]].filter((size) => size !== 1));
    if (choices.size > 1) return "error";
    result.push([...choices][0] ?? 1);
  }
  return result;
}

describe("broadcastShapes", () => {
  it("is numpy's rule", () => {
    fc.assert(
      fc.property(shape, shape, (a, b) => {
        const expected = numpyBroadcast(a, b);
        if (expected === "error") expect(() => broadcastShapes(a, b, "Add")).toThrow("do not broadcast");
        else expect(broadcastShapes(a, b, "Add")).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it("does not care for the order, and leaves a shape with itself alone", () => {
    fc.assert(
      fc.property(shape, shape, (a, b) => {
        const attempt = (left: Shape, right: Shape) => {
          try {
            return broadcastShapes(left, right, "");
          } catch {
            return "error";
          }
        };
        expect(attempt(a, b)).toEqual(attempt(b, a));
        expect(attempt(a, a)).toEqual(a);
        expect(attempt(a, [])).toEqual(a);
      }),
    );
  });

  it("names both shapes and the two numbers", () => {
    expect(() => broadcastShapes(["N", 3], [2, 4], "Add in fc")).toThrow(
      "Add in fc: shapes [N, 3] and [2, 4] do not broadcast, because N and 2 differ and neither is 1; reshape one.",
    );
  });
});

describe("broadcastAxes", () => {
  // A shape and one that broadcasts to it: some axes cut to 1, some leading ones left out.
  const pair = fc
    .array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.boolean()), { maxLength: 4 })
    .chain((axes) => fc.tuple(fc.constant(axes), fc.nat(axes.length)))
    .map(([axes, dropped]) => ({
      from: axes.map(([size]) => size),
      to: axes.slice(dropped).map(([size, cut]) => (cut ? 1 : size)),
    }));

  it("are those along which elements were repeated: summing over them gives the smaller shape's size", () => {
    fc.assert(
      fc.property(pair, ({ from, to }) => {
        const axes = broadcastAxes(to, from);
        expect(broadcastShapes(to, from, "")).toEqual(from);
        expect(new Set(axes).size).toBe(axes.length);
        const kept = from.filter((_, axis) => !axes.includes(axis));
        expect(sizeOf(kept)).toBe(sizeOf(to));
        // Nothing is summed that was not repeated, but for new axes of length 1.
        for (const axis of axes) {
          const own = axis - (from.length - to.length);
          expect(own < 0 || (to[own] === 1 && from[axis] !== 1)).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it.each<[Shape, Shape, number[]]>([
    [[3], [3], []],
    [[], [2, 3], [0, 1]],
    [
      [1, 16, 1, 1],
      ["N", 16, 8, 8],
      [0, 2, 3],
    ],
    [
      [16, 1, 1],
      ["N", 16, 8, 8],
      [0, 2, 3],
    ],
    [[1], [1], []],
    [["N", 1], ["N", 4], [1]],
  ])("of %j in %j: %j", (to, from, axes) => {
    expect(broadcastAxes(to, from)).toEqual(axes);
  });
});

describe("multiplyDims", () => {
  it("multiplies numbers, has 1 as neutral and 0 as absorbing element", () => {
    fc.assert(
      fc.property(fc.nat(99), fc.nat(99), dim, (a, b, any) => {
        expect(multiplyDims(a, b)).toBe(a * b);
        expect(multiplyDims(1, any)).toBe(any);
        expect(multiplyDims(any, 1)).toBe(any);
        expect(multiplyDims(0, any)).toBe(0);
        expect(multiplyDims(any, 0)).toBe(0);
      }),
    );
  });

  it("keeps symbols readable, and does not mind how factors are grouped", () => {
    expect(multiplyDims("N", 49)).toBe("N·49");
    fc.assert(
      fc.property(dim, dim, dim, (a, b, c) => {
        const [left, right] = [multiplyDims(multiplyDims(a, b), c), multiplyDims(a, multiplyDims(b, c))];
        // Numbers next to each other may be multiplied or not; their product is the same.
        const value = (product: Dim) =>
          `${product}`
            .split("·")
            .map((factor) => ({ N: 101, M: 103 })[factor] ?? Number(factor))
            .reduce((x, y) => x * y, 1);
        expect(value(left)).toBe(value(right));
      }),
    );
  });
});

describe("counts", () => {
  it("elementCount and sizeOf agree on known shapes", () => {
    fc.assert(
      fc.property(numbers, (known) => {
        expect(elementCount(known)).toBe(sizeOf(known));
        expect(sizeOf(known)).toBe(known.reduce((a, b) => a * b, 1));
      }),
    );
    expect(elementCount(["N", 3, 7])).toBe("N·3·7");
  });

  it("formatShape keeps symbols", () => {
    expect(formatShape(["N", 3])).toBe("[N, 3]");
  });
});
