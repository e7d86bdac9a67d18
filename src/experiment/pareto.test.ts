import fc from "fast-check";
import { expect, it } from "vitest";
import { type Offer, paretoFront } from "./pareto.ts";

it("keeps what nothing beats, ties included, and nothing that is not a number", () => {
  const offers = [
    { cost: 1, value: 0.8 },
    { cost: 2, value: 0.9 },
    { cost: 2, value: 0.9 },
    { cost: 2, value: 0.85 },
    { cost: 3, value: 0.85 },
    { cost: 1, value: Number.NaN },
  ];
  expect(paretoFront(offers)).toEqual([true, true, true, false, false, false]);
});

it("has, for every offer, one on the front that costs no more and is worth no less", () => {
  const offer = fc.record({ cost: fc.integer({ min: 0, max: 5 }), value: fc.integer({ min: 0, max: 5 }) });
  fc.assert(
    fc.property(fc.array(offer), (offers: Offer[]) => {
      const onFront = paretoFront(offers);
      const front = offers.filter((_, i) => onFront[i]);
      for (const { cost, value } of offers) {
        expect(front.some((kept) => kept.cost <= cost && kept.value >= value)).toBe(true);
      }
      // Sorted by cost, the front's values rise.
      for (const a of front) {
        for (const b of front) if (a.cost < b.cost) expect(a.value).toBeLessThan(b.value);
      }
    }),
  );
});
