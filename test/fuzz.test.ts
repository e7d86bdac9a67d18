import { describe, expect, test } from "vitest";
import { damagedFile } from "../scripts/fuzz/damaged-file.ts";
import type { Outcome } from "../scripts/fuzz/format.ts";
import { watch } from "../scripts/fuzz/watch.ts";

const module = new URL("support/broken-formats.ts", import.meta.url).href;

async function outcomesOf(format: string): Promise<Outcome[]> {
  // Short only where it is waited for.
  const seconds = format === "hangs" ? 3 : 60;
  const outcomes: Outcome[] = [];
  const onOutcome = (outcome: Outcome) => outcomes.push(outcome);
  await watch({ module, format, seed: 1, from: 5, to: 7, maxBytes: 300 * 2 ** 20, seconds, onOutcome });
  return outcomes;
}

describe("the fuzz script", () => {
  test.each([
    ["reads", "read", undefined],
    ["refuses", "refused", undefined],
    ["throws", "finding", /^TypeError: x is undefined\n/],
    ["hangs", "finding", /^hung for 3 s$/],
    ["crashes", "finding", /^ended the process \(SIGABRT\)/],
    ["hoards", "finding", /^took the process to \d+ MiB of memory$/],
  ] as const)("where a reader %s: %s, for every file", async (format, result, reason) => {
    const outcomes = await outcomesOf(format);
    expect(outcomes.map(({ index }) => index)).toEqual([5, 6]);
    for (const outcome of outcomes) {
      expect(outcome.result).toBe(result);
      if (reason) expect(outcome.reason).toMatch(reason);
    }
  });

  test("leaves the whole files as they are", () => {
    const seed = Buffer.alloc(100, 7);
    for (let index = 0; index < 300; index++) damagedFile([seed], "a", 1, index);
    expect(seed).toEqual(Buffer.alloc(100, 7));
  });

  test("makes the same file again from format, seed and number, and others of others", () => {
    const seeds = [Uint8Array.from({ length: 200 }, (_, i) => i)];
    const file = (format: string, seed: number, index: number) =>
      Buffer.from(damagedFile(seeds, format, seed, index)).toString("hex");
    expect(file("a", 1, 7)).toBe(file("a", 1, 7));
    const others = [file("a", 1, 7), file("b", 1, 7), file("a", 2, 7), file("a", 1, 8)];
    expect(new Set(others).size).toBe(4);
  });
});
