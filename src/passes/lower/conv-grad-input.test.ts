import { describe, expect, it } from "vitest";
import { newGraph } from "../../ops/new-graph.ts";
import { lower } from "./lower.ts";

/** What the input gradient of a 3×3 convolution of two channels is made of. */
function operatorsOf(filters: number, stride: number): Set<string> {
  const b = newGraph("gradient");
  const size = 8 / stride;
  const dy = b.input("dy", "float32", [2, filters, size, size]);
  const w = b.input("w", "float32", [filters, 2, 3, 3]);
  const window = { kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [stride, stride] };
  b.output("dx", b.op("ConvGradInput", [dy, w], { ...window, input_shape: [2, 2, 8, 8] }));
  return new Set(lower(b.build()).nodes.map(({ op }) => op));
}

// That each form computes the gradient is tested with all operators (src/ops/operators.test.ts).
describe("lowerConvGradInput", () => {
  it("convolves with stride 1, and phase by phase where there is much to multiply", () => {
    for (const operators of [operatorsOf(4, 1), operatorsOf(100, 2)]) {
      expect(operators).toContain("Conv");
      expect(operators).not.toContain("ConvTranspose");
    }
  });

  it("leaves phases with little to multiply to ConvTranspose", () => {
    expect([...operatorsOf(4, 2)]).toEqual(["ConvTranspose"]);
  });
});
