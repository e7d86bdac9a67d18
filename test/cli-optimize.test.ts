import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readOnnx } from "../src/entries/index.ts";
import { operatorTable } from "../src/ops/new-graph.ts";
import { largestDifference } from "../src/runtime/largest-difference-node.ts";
import { probeBlock } from "../src/runtime/probe-block-node.ts";
import { buildCli, senet } from "./support/cli.ts";
import { temporaryFolder } from "./support/data-fixtures.ts";

const folder = temporaryFolder();
const cwd = folder.path;
const run = (...args: string[]) => senet(cwd, ["optimize", ...args]);
const bytesOf = (file: string) => readFileSync(join(cwd, file));
const graphOf = (file: string) => readOnnx(bytesOf(file));

beforeAll(async () => {
  buildCli();
  await senet(cwd, ["export", "seresnet8", "-o", "net.onnx"]);
  folder.write({ "text.onnx": "no model", "there.onnx": "mine" });
}, 60_000);
afterAll(() => folder.remove());

describe("senet optimize", () => {
  it("writes the same function with fewer nodes, and says what each rule did", async () => {
    const { status, stdout, stderr } = await run("net.onnx", "fast.onnx");
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^fold-constants: nowhere$/m);
    expect(stdout).toMatch(/^fold-batch-norm: in 9 places: bn1, layer1\.0\.bn1, layer1\.0\.bn2 and 6 more$/m);
    expect(stdout).toMatch(
      /^early-squeeze: nowhere\n {2}not at layer1\.0\.se, layer2\.0\.se, layer3\.0\.se: its last convolution is 3×3, whose early mean is left out$/m,
    );
    expect(stdout).toMatch(
      /^fast\.onnx: 0\.3 MB; on 2 random inputs it differs from net\.onnx by at most \d\.\de-\d+, \d\.\de-\d+ of the largest output$/m,
    );
    const [before, after] = [graphOf("net.onnx"), graphOf("fast.onnx")];
    expect(after.nodes.length).toBe(before.nodes.length - 9);
    expect(after.metadata).toEqual(before.metadata);
    expect(after.nodes.every(({ op }) => operatorTable[op].domain === "")).toBe(true);
    expect((await largestDifference(before, after, { threads: 1 })).relative).toBeLessThan(1e-5);
  });

  it("measures the alternatives and keeps the fastest", async () => {
    const { status, stdout } = await run(
      "net.onnx",
      "measured.onnx",
      "--measure",
      "--json",
      "--threads",
      "1",
    );
    expect(status).toBe(0);
    const { measured, difference, rules } = JSON.parse(stdout);
    const forms: { name: string; ms: number }[] = measured.forms;
    expect(forms.map(({ name }) => name)).toEqual(["blocks as they are", "early squeeze, behind 3×3 too"]);
    expect(forms.every(({ ms }) => ms > 0) && measured.beforeMs > 0).toBe(true);
    expect(measured.chosen).toBe(forms.toSorted((a, b) => a.ms - b.ms)[0].name);
    expect(difference.relative).toBeLessThan(1e-5);
    expect(rules.map(({ rule }: { rule: string }) => rule)).toContain("fold-batch-norm");
  });

  it("uses the engine's own operators only when asked to", async () => {
    const block = await probeBlock();
    const { status, stdout, stderr } = await run(
      "net.onnx",
      "here.onnx",
      "--for-this-machine",
      "--batch",
      "1",
    );
    if (block === undefined) {
      expect([status, stdout]).toEqual([1, ""]);
      expect(stderr).toMatch(/^senet: --for-this-machine: expected an ONNX Runtime with NCHWc convolutions/);
      return;
    }
    expect(status).toBe(0);
    expect(stdout).toContain(`here.onnx: 0.3 MB, for processors with blocks of ${block}; on 2 random inputs`);
    expect(stdout).toMatch(
      /^scale-by-convolution: in 3 places: layer1\.0\.se, layer2\.0\.se, layer3\.0\.se$/m,
    );
    expect(bytesOf("here.onnx").includes("com.microsoft.nchwc")).toBe(true);
    expect(bytesOf("net.onnx").includes("com.microsoft.nchwc")).toBe(false);
  });

  it("replaces a file only with --force", async () => {
    folder.write({ "again.onnx": "old" });
    expect((await run("net.onnx", "again.onnx", "--force")).status).toBe(0);
    expect(bytesOf("again.onnx").length).toBeGreaterThan(1000);
  });
});

describe("what is wrong is said in one sentence, and nothing is written", () => {
  const cases: [status: 1 | 2, args: string[], sentence: RegExp][] = [
    [1, ["none.onnx", "x.onnx"], /^none\.onnx: expected a file, found nothing; check the path\.$/],
    [1, ["text.onnx", "x.onnx"], /^text\.onnx: .*\.$/],
    [1, ["seresnt8", "x.onnx"], /^Model "seresnt8" is not known \(did you mean "seresnet8"\?\)/],
    [
      1,
      ["net.onnx", "there.onnx"],
      /^there\.onnx: expected nothing there, found a file; choose another name, or give --force to replace it\.$/,
    ],
    [
      2,
      ["net.onnx", "./net.onnx", "--force"],
      /^\.\/net\.onnx: expected another file than the one that is read, found the same; choose another name/,
    ],
    [
      1,
      ["net.onnx", "nowhere/x.onnx"],
      /^nowhere\/x\.onnx: expected an existing folder to write into, found none; create it first\.$/,
    ],
    [2, ["net.onnx"], /^missing required argument 'out\.onnx'; see --help\.$/],
    [2, ["net.onnx", "x.onnx", "--batch", "0"], /^--batch: expected a whole number of at least 1/],
  ];
  it.each(cases)("%i %j", async (wanted, args, sentence) => {
    const files = readdirSync(cwd);
    const { status, stdout, stderr } = await run(...args);
    expect(stderr.replace(/^senet: /, "").trimEnd()).toMatch(sentence);
    expect([status, stdout]).toEqual([wanted, ""]);
    expect(readdirSync(cwd)).toEqual(files);
    expect(bytesOf("there.onnx").toString()).toBe("mine");
  });
});
