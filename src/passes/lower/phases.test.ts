import { describe, expect, it } from "vitest";
import { evaluate } from "../../../test/support/evaluate.ts";
import { fed, tensorOf } from "../../../test/support/operator-case.ts";
import { newGraph } from "../../ops/new-graph.ts";
import { toRef } from "../../reference/ref-tensor.ts";
import { joinPhases, phasesOf } from "./phases.ts";

/** The phases of a map, and what they are joined to. */
function taken(shape: readonly number[], strides: readonly number[]) {
  const b = newGraph("phases");
  const phases = phasesOf(b, b.input("x", "float32", shape), strides);
  for (const [i, phase] of phases.entries()) b.output(`phase${i}`, phase);
  b.output("joined", joinPhases(b, phases, strides, shape.slice(2)));
  const x = toRef(tensorOf(fed(shape), 0));
  return { x, found: evaluate(b.build(), { x }), count: phases.length };
}

describe("phases", () => {
  it("hold every stride-th row and column, zeros where the stride does not divide", () => {
    const { x, found, count } = taken([2, 3, 5, 4], [2, 3]);
    expect(count).toBe(6);
    const [, , height, width] = x.shape;
    for (let phase = 0; phase < 6; phase++) {
      const { shape, data } = found[`phase${phase}`];
      expect(shape).toEqual([2, 3, 3, 2]);
      for (const [i, element] of data.entries()) {
        const [column, row, map] = [i % 2, Math.floor(i / 2) % 3, Math.floor(i / 6)];
        const [h, w] = [row * 2 + Math.floor(phase / 3), column * 3 + (phase % 3)];
        expect(element).toBe(h < height && w < width ? x.data[(map * height + h) * width + w] : 0);
      }
    }
  });

  it.each([
    [
      [2, 3, 6, 4],
      [2, 2],
    ],
    [
      [1, 2, 5, 7],
      [3, 2],
    ],
    [
      [2, 1, 4, 4],
      [1, 3],
    ],
    [
      [2, 2, 3, 3],
      [1, 1],
    ],
  ])("of %j by strides %j, joined, are the map again", (shape, strides) => {
    const { x, found } = taken(shape, strides);
    expect(found.joined).toEqual(x);
  });
});
