import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

it("bench train --json prints the timings as JSON and nothing else", { timeout: 60_000 }, () => {
  const args = ["train", "--json", "--rounds", "1", "--steps", "1", "--batch", "8", "--model", "resnet8"];
  const stdout = execFileSync("npm", ["run", "bench", "--", ...args], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const result = JSON.parse(stdout);
  expect(result).toMatchObject({
    model: "resnet8",
    batch: 8,
    threads: expect.any(Number),
    stepMs: { min: expect.any(Number), median: expect.any(Number) },
    imagesPerSecond: expect.any(Number),
  });
  expect(result.stepMs.min).toBeGreaterThan(0);
  expect(result.stepMs.median).toBeGreaterThanOrEqual(result.stepMs.min);
  expect(result.imagesPerSecond).toBeCloseTo(8000 / result.stepMs.median, -1);
});
