import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readGolden } from "../../../test/support/golden.ts";
import { type ScheduleName, schedule, scheduleNames } from "./schedules.ts";

interface Rates {
  readonly rates: readonly number[];
}

const golden = readGolden<Record<"oneCycle" | "cosine" | "step" | "warmupCosine", Rates>>("schedules.json");

describe("against PyTorch", () => {
  it.each([
    ["OneCycleLR", "one-cycle", { lr: 0.4 }, golden.oneCycle, 0],
    ["CosineAnnealingLR", "cosine", { lr: 0.1 }, golden.cosine, 0],
    ["StepLR", "step", { lr: 0.1, milestones: [0.3, 0.6, 0.9] }, golden.step, 0],
    // Ours rises from lr/100, that of the golden run from lr/10: they agree from the end of the rise.
    ["CosineAnnealingLR after a rise", "cosine", { lr: 0.1, warmupSteps: 10 }, golden.warmupCosine, 10],
  ] as const)("%s", (_, name, options, { rates }, from) => {
    const rate = schedule(name, options);
    expect(rates.length).toBe(100);
    for (let step = from; step < rates.length; step++) {
      expect(Math.abs(rate(step, rates.length) / rates[step] - 1)).toBeLessThanOrEqual(1e-9);
    }
  });
});

describe("every schedule", () => {
  const run = fc
    .record({
      name: fc.constantFrom<ScheduleName[]>(...scheduleNames),
      lr: fc.double({ min: 1e-6, max: 10, noNaN: true }),
      total: fc.integer({ min: 2, max: 400 }),
      warmupShare: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    .map((drawn) => (drawn.name === "one-cycle" ? { ...drawn, warmupShare: 0 } : drawn));

  it("stays above 0 and never exceeds its greatest rate", () => {
    fc.assert(
      fc.property(run, ({ name, lr, total, warmupShare }) => {
        const rate = schedule(name, { lr, warmupSteps: Math.floor(warmupShare * total) });
        for (let step = 0; step < total; step++) {
          expect(rate(step, total)).toBeGreaterThan(0);
          expect(rate(step, total)).toBeLessThanOrEqual(lr * (1 + 1e-12));
        }
      }),
    );
  });

  it("rises in equal amounts during the warm-up, and falls after it", () => {
    fc.assert(
      fc.property(run, ({ name, lr, total, warmupShare }) => {
        const warmupSteps = Math.floor(warmupShare * total);
        const rate = schedule(name, { lr, warmupSteps });
        for (let step = 0; step < warmupSteps; step++) {
          expect(rate(step, total)).toBeCloseTo(lr * (0.01 + (0.99 * step) / warmupSteps), 12);
        }
        if (name === "one-cycle" || warmupSteps === total) return;
        expect(rate(warmupSteps, total)).toBeCloseTo(lr, 12);
        for (let step = warmupSteps + 1; step < total; step++) {
          expect(rate(step, total)).toBeLessThanOrEqual(rate(step - 1, total));
        }
      }),
    );
  });

  it("is proportional to its greatest rate", () => {
    fc.assert(
      fc.property(run, ({ name, total, lr }) => {
        const step = Math.floor(total / 3);
        const ratio = schedule(name, { lr })(step, total) / schedule(name, { lr: 1 })(step, total);
        expect(ratio / lr).toBeCloseTo(1, 12);
      }),
    );
  });
});

describe("one-cycle", () => {
  it("refuses a warm-up beside its own", () => {
    expect(() => schedule("one-cycle", { lr: 0.1, warmupSteps: 20 })).toThrow(
      "Schedule one-cycle: expected no warm-up, found 20 steps; it has a rise of its own, so leave the warm-up out.",
    );
  });

  it("rises to its top at 30 % and falls from there", () => {
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 500 }), (total) => {
        const rate = schedule("one-cycle", { lr: 1 });
        const rates = Array.from({ length: total }, (_, step) => rate(step, total));
        const top = rates.indexOf(Math.max(...rates));
        expect(Math.abs(top - (0.3 * total - 1))).toBeLessThanOrEqual(1);
        rates.forEach((value, step) => {
          if (step > 0 && step <= top) expect(value).toBeGreaterThanOrEqual(rates[step - 1]);
          if (step > top) expect(value).toBeLessThan(rates[step - 1]);
        });
        expect(rates[total - 1]).toBeCloseTo(1 / 250_000, 15);
      }),
    );
  });
});

it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])("refuses the rate %s", (lr) => {
  expect(() => schedule("cosine", { lr })).toThrow(
    `Schedule cosine: expected a learning rate above 0, found ${lr}; correct it.`,
  );
});
