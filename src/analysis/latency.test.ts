import { expect, it } from "vitest";
import { measureAlternating } from "./latency.ts";

/** Tasks that take as long as they say, on a clock of their own. */
function scripted(times: Record<string, number[]>) {
  let clock = 0;
  const order: string[] = [];
  const tasks = Object.entries(times).map(([name, list]) => {
    let i = 0;
    const run = async () => {
      order.push(name);
      clock += list[i++ % list.length];
    };
    return { name, run };
  });
  return { tasks, order, now: () => clock };
}

it("gives the median of each task's own runs, without the warm-up", async () => {
  const { tasks, now } = scripted({ a: [100, 1, 9, 2, 3], b: [100, 5, 7, 6, 8] });
  expect(await measureAlternating(tasks, { rounds: 4, warmup: 1, now })).toEqual([
    { name: "a", median: 2.5, min: 1, rounds: 4 },
    { name: "b", median: 6.5, min: 5, rounds: 4 },
  ]);
});

it("alternates, every other round in reverse", async () => {
  const { tasks, order, now } = scripted({ a: [1], b: [1], c: [1] });
  await measureAlternating(tasks, { rounds: 3, warmup: 0, now });
  expect(order.join("")).toBe("abccbaabc");
});

it("ends when its time is spent, but not before three rounds", async () => {
  const { tasks, now } = scripted({ a: [10] });
  expect(await measureAlternating(tasks, { rounds: 9, warmup: 0, now, budgetMs: 45 })).toMatchObject([
    { rounds: 5 },
  ]);
  const slow = scripted({ a: [1000] });
  expect(
    await measureAlternating(slow.tasks, { rounds: 9, warmup: 0, now: slow.now, budgetMs: 1 }),
  ).toMatchObject([{ rounds: 3 }]);
});
