import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
/** Without npm, for what does not depend on it. */
const bench = (...args: string[]) =>
  spawnSync(process.execPath, ["--import", "tsx", "bench/main.ts", ...args], {
    cwd: root,
    encoding: "utf8",
    timeout: 120_000,
  });

it("bench train --json prints the timings as JSON and nothing else", () => {
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
  expect(result.rows).toEqual([
    {
      name: "senet",
      batch: 8,
      runs: 1,
      ms: result.stepMs,
      imagesPerSecond: result.imagesPerSecond,
      ratio: 1,
    },
  ]);
});

it("bench infer --json compares every form with the plain network, alone and in batches, and draws it", () => {
  const folder = mkdtempSync(join(tmpdir(), "senet-bench-"));
  try {
    const chart = join(folder, "infer.svg");
    const small = ["--model", "seresnet8", "--rounds", "2", "--batch", "2"];
    const { stdout, stderr, status } = bench("infer", "--json", ...small, "--chart", chart);
    expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
    const { rows, cannot } = JSON.parse(stdout);
    expect(cannot).toBeUndefined();
    expect(rows.map(({ name }: { name: string }) => name).slice(0, 4)).toEqual([
      "plain",
      "SE",
      "SE, optimized",
      "SE, int8",
    ]);
    expect(rows[0]).toMatchObject({ ratio: 1, throughput: { ratio: 1 } });
    for (const { batch, ms, ratio, throughput } of rows) {
      expect({ batch, of: throughput.batch }).toEqual({ batch: 1, of: 2 });
      expect(ms.median).toBeGreaterThanOrEqual(ms.min);
      expect(ratio).toBeCloseTo(ms.median / rows[0].ms.median, 1);
      // Both were rounded to three decimals, which for times of a third of a millisecond is a share of 0.2 %.
      const { median } = throughput.ms;
      expect(throughput.imagesPerSecond).toBeGreaterThanOrEqual(2000 / (median + 0.0005) - 0.0005);
      expect(throughput.imagesPerSecond).toBeLessThanOrEqual(2000 / (median - 0.0005) + 0.0005);
    }
    const svg = readFileSync(chart, "utf8");
    for (const { name } of rows) expect(svg).toContain(`>${name}<`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it("bench train ends when one of PyTorch's processes fails while another waits", { timeout: 60_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "senet-bench-"));
  try {
    const python = join(folder, "python");
    // Answers whatever it is asked, but ends where it is to compile.
    const script = `#!/bin/sh
while read -r line; do
  case "$line" in *'"compiled":true'*) exit 1 ;; esac
  echo '{"ms": [1]}'
done
`;
    writeFileSync(python, script, { mode: 0o755 });
    const small = ["--model", "resnet8", "--batch", "2", "--rounds", "1", "--steps", "1"];
    const { stderr, status } = bench("train", "--json", ...small, "--torch", python, "--compiled");
    expect({ stderr, status }).toEqual({
      stderr: `senet: --torch: ${python} ended without an answer; install PyTorch and timm there.\n`,
      status: 2,
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it("bench says in a sentence what is wrong with what it is given", () => {
  const wrong: [args: string[], sentence: RegExp][] = [
    [["infer", "--tfjs", "/nowhere"], /^senet: --tfjs: .*found no @tensorflow\/tfjs .*npm install --prefix/],
    [["train", "--jax-js", "/nowhere"], /^senet: --jax-js: .*found no @jax-js\/jax .*npm install --prefix/],
    [["train", "--torch", "/nowhere/python"], /^senet: --torch: \/nowhere\/python does not start/],
    [["infer", "--compiled"], /^senet: --compiled: expected --torch as well/],
    [["infer", "--rounds", "0"], /^senet: --rounds: expected a whole number of at least 1, found "0"/],
    [["infer", "--tfj", "x"], /^senet: unknown option '--tfj' \(did you mean --tfjs\?\)/],
  ];
  for (const [args, sentence] of wrong) {
    const found = bench(...args, ...(args[0] === "train" ? ["--model", "resnet8", "--batch", "2"] : []));
    expect(found.stderr).toMatch(sentence);
    expect(found.stderr.trim().split("\n")).toHaveLength(1);
    expect({ stdout: found.stdout, status: found.status }).toEqual({ stdout: "", status: 2 });
  }
});
