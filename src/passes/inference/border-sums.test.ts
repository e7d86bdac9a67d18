import { describe, expect, it } from "vitest";
import { evaluate } from "../../../test/support/evaluate.ts";
import { randomTensor } from "../../../test/support/gradient-check.ts";
import { newGraph } from "../../ops/new-graph.ts";
import { borderSums, windowShares } from "./border-sums.ts";

describe("borderSums and windowShares", () => {
  it.each([
    [4, 5],
    [2, 2],
    [1, 3],
    [1, 1],
  ])("add up what each position of a padded 3×3 window sees on a map of %i×%i", (height, width) => {
    const shape = [1, 1, height, width];
    const b = newGraph("sums");
    b.output("y", borderSums(b, b.input("x", "float32", shape)));
    const x = randomTensor(shape, 1);
    const { y } = evaluate(b.build(), { x });
    const shares = windowShares(3, shape);
    expect(shares.length).toBe(y.data.length);
    for (let position = 0; position < 9; position++) {
      const [down, right] = [Math.floor(position / 3) - 1, (position % 3) - 1];
      let seen = 0;
      for (let row = 0; row < height; row++) {
        for (let column = 0; column < width; column++) {
          const [r, c] = [row + down, column + right];
          if (r >= 0 && r < height && c >= 0 && c < width) seen += x.data[r * width + c];
        }
      }
      const told = shares.reduce(
        (sum, positions, feature) =>
          sum +
          positions.reduce((all, [one, share]) => all + (one === position ? share * y.data[feature] : 0), 0),
        0,
      );
      expect(told).toBeCloseTo(seen / (height * width), 12);
    }
  });
});
