import fc from "fast-check";
import { expect, it } from "vitest";
import { tensor } from "../../ir/tensor.ts";
import { quantizeWeight } from "./quantize-weight.ts";

const numbers = fc.float({ min: -100, max: 100, noNaN: true });

it.each([0, 1])("is within half a step of each weight, with a scale an index of axis %d", (axis) => {
  fc.assert(
    fc.property(fc.array(numbers, { minLength: 6, maxLength: 6 }), (data) => {
      const { values, scales } = quantizeWeight(tensor([2, 3], data), axis, { max: 127 });
      for (const [i, byte] of [...(values.data as Int8Array)].entries()) {
        const scale = Number(scales.data[axis === 0 ? Math.floor(i / 3) : i % 3]);
        expect(Math.abs(Math.fround(data[i]) - byte * scale)).toBeLessThanOrEqual(scale * 0.5001);
      }
    }),
  );
});

it("uses seven bits where eight would saturate", () => {
  const { values } = quantizeWeight(tensor([1, 3], [-2, 1.1, 2]), 0, { max: 63 });
  expect([...(values.data as Int8Array)]).toEqual([-63, 35, 63]);
});

it("makes room for a bias that is large beside its weights", () => {
  const bias = { data: [1e6], inputScale: 0.01 };
  const { scales } = quantizeWeight(tensor([1, 1], [1e-9]), 0, { max: 127, bias });
  expect(1e6 / (0.01 * Number(scales.data[0]))).toBeLessThan(2 ** 31);
});

it("gives a channel of zeros a scale that is a number", () => {
  const { values, scales } = quantizeWeight(tensor([1, 2], [0, 0]), 0, { max: 127 });
  expect([...(values.data as Int8Array)]).toEqual([0, 0]);
  expect(Number(scales.data[0])).toBeGreaterThan(0);
});
