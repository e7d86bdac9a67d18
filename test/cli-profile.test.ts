import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Profile } from "../src/analysis/profile.ts";
import { createModel, writeOnnx } from "../src/entries/index.ts";
import { buildCli, senet } from "./support/cli.ts";
import { temporaryFolder } from "./support/data-fixtures.ts";

const folder = temporaryFolder();
const cwd = folder.path;
const run = (...args: string[]) => senet(cwd, ["profile", ...args, "--runs", "3", "--threads", "1"]);

beforeAll(() => {
  buildCli();
  folder.write({
    "net.onnx": writeOnnx(createModel("seresnet8")),
    "plain.onnx": writeOnnx(createModel("resnet8", { batch: 2 })),
  });
}, 60_000);
afterAll(() => folder.remove());

interface Part {
  readonly timeShare: number;
  readonly macsShare: number;
  readonly bytesShare: number;
}

interface Result extends Omit<Profile, "kinds" | "modules"> {
  readonly kinds: readonly (Part & {
    readonly kind: string;
    readonly nodes: number;
    readonly kernels: number;
  })[];
  readonly modules: readonly (Part & { readonly module: string })[];
  readonly model: string;
  readonly input: readonly number[];
  readonly threads: number;
  readonly runs: number;
  readonly latencyMs: { readonly min: number; readonly median: number };
}

const total = (rows: readonly Part[]) =>
  (["timeShare", "macsShare", "bytesShare"] as const).map((share) =>
    rows.reduce((sum, row) => sum + row[share], 0),
  );

describe("senet profile", () => {
  it("accounts for all of the time, the arithmetic and the traffic", async () => {
    const { status, stdout, stderr } = await run("seresnet8", "--json", "--batch", "2");
    expect([status, stderr]).toEqual([0, ""]);
    const result = JSON.parse(stdout) as Result;
    expect(result).toMatchObject({
      model: "seresnet8",
      input: [3, 32, 32],
      batch: 2,
      threads: 1,
      runs: 3,
      seBlocks: 3,
    });
    for (const sum of [...total(result.kinds), ...total(result.modules)]) expect(sum).toBeCloseTo(1, 9);
    expect(result.kernelMs).toBeGreaterThan(0);
    expect(result.latencyMs.min).toBeGreaterThan(0);
    expect(result.latencyMs.median).toBeGreaterThanOrEqual(result.latencyMs.min);
  });

  it("finds the node behind every kernel, whatever the engine has fused and renamed", async () => {
    const { kinds, modules, seShare } = JSON.parse((await run("seresnet8", "--json")).stdout) as Result;
    expect(kinds.map(({ kind }) => kind)).not.toContain("engine");
    const convolutions = kinds.find(({ kind }) => kind === "convolution");
    expect(convolutions?.nodes).toBe(15);
    expect(convolutions?.kernels).toBe(15);
    expect(modules.map(({ module }) => module)).toEqual(
      expect.arrayContaining(["conv1", "layer1.0", "layer2.0", "layer3.0", "fc"]),
    );
    const { time, macs, bytes } = seShare;
    for (const share of [time, macs, bytes]) expect(share).toBeGreaterThan(0);
    expect(macs).toBeLessThan(0.001);
    expect(time).toBeGreaterThan(10 * macs);
  });

  it("prints tables and the part of SE blocks for people", async () => {
    const { status, stdout } = await run("net.onnx", "--depth", "3");
    expect(status).toBe(0);
    expect(stdout).toMatch(/^net\.onnx: input \[1, 3, 32, 32\], 1 thread, 3 runs after 3 to warm up\n/);
    expect(stdout).toMatch(/^module +ms +time % +MACs % +bytes %$/m);
    expect(stdout).toMatch(/^layer1\.0\.se +\d+\.\d{3} /m);
    expect(stdout).toMatch(/^kind +nodes +kernels +ms +time % +MACs % +bytes %$/m);
    expect(stdout).toMatch(/^convolution +15 +15 /m);
    expect(stdout).toMatch(
      /^SE blocks: [\d.]+ % of the time, 0\.0\d % of the MACs, [\d.]+ % of the bytes moved$/m,
    );
  });

  it("takes a file's own batch, and says when there is no SE block", async () => {
    expect((await run("plain.onnx", "--batch", "3")).stdout).toContain("input [3, 3, 32, 32]");
    const { status, stdout } = await run("plain.onnx");
    expect(status).toBe(0);
    expect(stdout).toContain("input [2, 3, 32, 32]");
    expect(stdout).toContain("\nSE blocks: none\n");
  });

  it("leaves no file behind", async () => {
    const profiles = () => readdirSync(tmpdir()).filter((name) => name.startsWith("senet-profile-"));
    const before = profiles();
    await run("seresnet8", "--json");
    expect(profiles().filter((name) => !before.includes(name))).toEqual([]);
    expect(readdirSync(cwd).sort()).toEqual(["net.onnx", "plain.onnx"]);
  });
});

describe("what is wrong is said in one sentence", () => {
  const cases: [status: 1 | 2, args: string[], sentence: string][] = [
    [1, ["seresnt8"], 'Model "seresnt8" is not known (did you mean "seresnet8"?); `senet models` lists all.'],
    [1, ["nowhere.onnx"], "nowhere.onnx: expected a file, found nothing; check the path."],
    [
      2,
      ["seresnet8", "--depth", "0"],
      '--depth: expected a whole number of at least 1 and at most 100, found "0"; correct it.',
    ],
  ];
  it.each(cases)("%i %j", async (wanted, args, sentence) => {
    const { status, stdout, stderr } = await run(...args);
    expect(stderr).toBe(`senet: ${sentence}\n`);
    expect([status, stdout]).toEqual([wanted, ""]);
  });

  it("an input larger than any memory", async () => {
    const { status, stdout, stderr } = await run("resnet50", "--size", "60000");
    expect(stderr).toMatch(
      /^senet: resnet50: expected activations that fit in the \d+\.\d\d GB of memory here, found \d{3}\.\d\d GB for an input of \[1, 3, 60000, 60000\]; choose a smaller --size or --batch\.\n$/,
    );
    expect([status, stdout]).toEqual([2, ""]);
  });

  it("too few runs for a median", async () => {
    const { status, stderr } = await senet(cwd, ["profile", "seresnet8", "--runs", "2"]);
    expect(stderr).toBe(
      'senet: --runs: expected a whole number of at least 3 and at most 10000, found "2"; correct it.\n',
    );
    expect(status).toBe(2);
  });
});
