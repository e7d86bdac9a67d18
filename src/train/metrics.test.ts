import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { metricsOf, newTally, tallyBatch } from "./metrics.ts";

function measure(logits: readonly number[], labels: readonly number[]) {
  const tally = newTally();
  tallyBatch(tally, Float32Array.from(logits), BigInt64Array.from(labels, BigInt));
  return metricsOf(tally);
}

describe("metrics", () => {
  it("count the greatest logit and the five greatest", () => {
    const row = [6, 5, 4, 3, 2, 1, 0];
    expect(measure([...row, ...row, ...row, ...row], [0, 1, 4, 5])).toMatchObject({ top1: 0.25, top5: 0.75 });
  });

  it("count ties against the network", () => {
    expect(measure([1, 1, 0, 0, 0, 0], [0]).top1).toBe(0);
    expect(measure([1, 1, 0, 0, 0, 0], [1]).top1).toBe(0);
    // Place 5 shared with place 6.
    expect(measure([5, 4, 3, 2, 1, 1], [4]).top5).toBe(0);
    expect(measure([5, 4, 3, 2, 1, 1], [3]).top5).toBe(1);
    const constant = new Array(10).fill(3);
    expect(measure(constant, [7])).toMatchObject({ top1: 0, top5: 0 });
  });

  it("count NaN against the network", () => {
    expect(measure([Number.NaN, 1, 0], [0])).toMatchObject({ top1: 0 });
    expect(measure([Number.NaN, 1, 0], [1])).toMatchObject({ top1: 0 });
  });

  it("average the cross-entropy, also of large logits", () => {
    expect(measure([0, Math.log(3)], [1]).loss).toBeCloseTo(-Math.log(3 / 4), 6);
    expect(measure([1000, 0, 0, 0], [1, 1]).loss).toBeCloseTo((1000 + Math.log(2)) / 2, 3);
  });

  it("are those of all samples, however they are batched", () => {
    const samples = fc.array(
      fc.tuple(fc.array(fc.integer({ min: -4, max: 4 }), { minLength: 7, maxLength: 7 }), fc.nat(6)),
      {
        minLength: 2,
        maxLength: 12,
      },
    );
    fc.assert(
      fc.property(samples, fc.nat(), (all, at) => {
        const cut = 1 + (at % (all.length - 1));
        const whole = measure(
          all.flatMap(([row]) => row),
          all.map(([, label]) => label),
        );
        const tally = newTally();
        for (const part of [all.slice(0, cut), all.slice(cut)]) {
          const logits = Float32Array.from(part.flatMap(([row]) => row));
          tallyBatch(
            tally,
            logits,
            BigInt64Array.from(part, ([, label]) => BigInt(label)),
          );
        }
        const parts = metricsOf(tally);
        expect(parts.top1).toBe(whole.top1);
        expect(parts.top5).toBe(whole.top5);
        expect(parts.loss).toBeCloseTo(whole.loss, 12);
        expect(tally.samples).toBe(all.length);
        // Ranks by sorting, another way to the same counts.
        const hits = all.filter(([row, label]) => row.filter((x) => x >= row[label]).length === 1).length;
        expect(whole.top1).toBeCloseTo(hits / all.length, 12);
      }),
    );
  });
});
