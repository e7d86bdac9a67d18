import { mkdirSync, rmdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createModel } from "../src/models/create-model.ts";
import { relu } from "../src/nn/activations.ts";
import { conv2d } from "../src/nn/conv2d.ts";
import { writeOnnx } from "../src/onnx/write-onnx.ts";
import { newGraph } from "../src/ops/new-graph.ts";
import { buildCli, senet } from "./support/cli.ts";
import { temporaryFolder } from "./support/data-fixtures.ts";

const folder = temporaryFolder();
const cwd = folder.path;
const run = (...args: string[]) => senet(cwd, args);

async function json(...args: string[]) {
  const { status, stdout, stderr } = await run(...args, "--json");
  expect(stderr).toBe("");
  expect(status).toBe(0);
  return JSON.parse(stdout);
}

async function text(...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await run(...args);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout;
}

beforeAll(() => {
  buildCli();
  const b = newGraph("any");
  const images = b.input("images", "float32", ["N", 3, "H", "W"]);
  b.output("y", relu(b, conv2d(b, "stem", images, { out: 4 })));
  const fixedInside = newGraph("baked");
  const maps = fixedInside.input("images", "float32", ["N", 3, "H", "W"]);
  fixedInside.output("y", fixedInside.op("Reshape", [maps, fixedInside.constant([0, 3, 64])]));
  folder.write({
    "se.onnx": writeOnnx(createModel("seresnet8", { batch: 2 })),
    "baked.onnx": writeOnnx(fixedInside.build()),
    "any.onnx": writeOnnx(b.build()),
    "model.bin": writeOnnx(createModel("resnet8")),
    "damaged.onnx": "not a network",
  });
  mkdirSync(`${cwd}/run`);
}, 60_000);
afterAll(() => folder.remove());

describe("senet summary", () => {
  it("shows the tree, the totals and the kinds", async () => {
    const out = await text("summary", "seresnet20");
    expect(out).toMatch(/^seresnet20: input \[1, 3, 32, 32\], \d+ nodes, 9 SE blocks\n/);
    expect(out).toMatch(/^layer2 +1×32×16×16 +52,524 +13\.11 M +\S+ MB$/m);
    expect(out).toMatch(/^ {2}0 +1×32×16×16 +14,820 /m);
    expect(out).not.toMatch(/^ +conv1/m);
    expect(out).toMatch(/^fc +Gemm +1×10 +650 +640 /m);
    expect(out).toMatch(/^parameters +275,534 +3,060 +1\.11 %$/m);
    expect(out).toMatch(/^ {2}and BatchNorm statistics +277,102$/m);
    expect(out).toMatch(/^FLOPs as the paper counts +40\.99 M$/m);
    expect(out).toMatch(/^scale +9 +0 +0 +86\.02 k +86\.02 k +689\.47 kB +100\.00 %$/m);
    expect(Math.max(...out.split("\n").map((line) => line.length))).toBeLessThan(140);
  });

  it("shows as many levels as wanted, and no SE columns where there is no block", async () => {
    const deep = await text("summary", "seresnet8", "--depth", "4");
    expect(deep).toMatch(/^ {4}se +SE +1×16×32×32 +148 /m);
    expect(deep).toMatch(/^ {6}fc1 +Conv +1×4×1×1 +68 +64 /m);
    const flat = await text("summary", "resnet8", "--depth", "0");
    expect(flat).not.toMatch(/layer1|SE blocks|bytes in SE/);
    expect(flat).toMatch(/^parameters +78,042$/m);
  });

  it("fits a ResNet-50 on two screens", async () => {
    expect((await text("summary", "seresnet50")).split("\n").length).toBeLessThan(60);
  });

  it("gives JSON", async () => {
    const found = await json("summary", "legacy_seresnet50");
    expect(found).toMatchObject({
      model: "legacy_seresnet50",
      input: [3, 224, 224],
      batch: 1,
      params: 28_088_024,
      paramsWithStatistics: 28_141_144,
      seParams: 2_530_992,
      seBlocks: 16,
      kinds: { scale: { nodes: 16 } },
    });
    expect((found.macs / 1e9).toFixed(4)).toBe("3.8605");
    expect((found.paperFlops / 1e9).toFixed(2)).toBe("3.87");
    const numbers = ["flops", "seMacs", "activations", "bytesMoved", "seBytesMoved", "peakActivationBytes"];
    for (const key of numbers) expect(found[key], key).toBeGreaterThan(0);
    interface Module {
      name: string;
      path: string;
      params: number;
      output: number[];
      modules: Module[];
    }
    const modules: Module[] = found.modules;
    expect(modules.reduce((sum, { params }) => sum + params, 0)).toBe(found.params);
    const layer4 = modules.find(({ name }) => name === "layer4");
    expect(layer4).toMatchObject({ path: "layer4", output: [1, 2048, 7, 7] });
    expect(layer4?.modules[0].modules.map(({ path }) => path)).toContain("layer4.0.se_module");
    const cut = await json("summary", "seresnet8", "--depth", "1");
    expect(cut.modules.every(({ modules: inner }: Module) => inner.length === 0)).toBe(true);
  });

  it("takes another size, class count and batch", async () => {
    const [plain, changed] = [
      await json("summary", "seresnet8"),
      await json("summary", "seresnet8", "--size", "64x32", "--classes", "20", "--batch", "3"),
    ];
    expect(changed).toMatchObject({ input: [3, 64, 32], batch: 3, params: plain.params + 650 });
    expect(changed.macs).toBe(3 * (2 * (plain.macs - 640 - plain.seMacs) + plain.seMacs + 1280));
  });

  it("reads files, whose batch and size it gives numbers", async () => {
    const { macs, seParams, seBlocks, modules } = await json("summary", "seresnet8");
    const file = await json("summary", "se.onnx");
    expect(file).toMatchObject({ model: "se.onnx", input: [3, 32, 32], batch: 2, macs: 2 * macs });
    expect(file).toMatchObject({ seParams, seBlocks });
    const names = (list: { name: string }[]) => list.map(({ name }) => name);
    expect(names(file.modules)).toEqual(names(modules));
    expect(await json("summary", "model.bin", "--batch", "4")).toMatchObject({ batch: 4, params: 78_042 });
    const any = await json("summary", "any.onnx", "--size", "6x5");
    expect(any).toMatchObject({ input: [3, 6, 5], macs: 3 * 4 * 30 });
    expect(await json("summary", "se.onnx", "--batch", "3")).toMatchObject({ batch: 3, macs: 3 * macs });
    expect(await json("summary", "se.onnx", "--size", "32")).toMatchObject({ input: [3, 32, 32] });
  });

  it.each<[args: string[], status: number, sentence: string]>([
    [
      ["seresnt20"],
      1,
      'senet: Model "seresnt20" is not known (did you mean "seresnet20"?); `senet models` lists all.\n',
    ],
    [["gone.onnx"], 1, "senet: gone.onnx: expected a file, found nothing; check the path.\n"],
    [
      ["run"],
      1,
      "senet: run: expected a model's name or an .onnx file, found a folder; of a run, give its model.onnx.\n",
    ],
    [
      ["any.onnx"],
      2,
      "senet: any.onnx: expected images of a known size, found [N, 3, H, W]; give it, as in --size 224.\n",
    ],
    [
      ["se.onnx", "--size", "64"],
      2,
      "senet: --size: the height: expected 32, which se.onnx fixes, found 64; correct it.\n",
    ],
    [
      ["baked.onnx", "--size", "9"],
      1,
      "senet: baked.onnx with --size 9×9: Reshape: expected a shape for the elements of [N, 3, 9, 9], found [0, 3, 64], which has another number of them; correct the shape.\n",
    ],
    [
      ["se.onnx", "--classes", "5"],
      2,
      "senet: --classes works for a model given by name, found the file se.onnx, which has its classes; leave it out.\n",
    ],
    [
      ["resnet8", "--size", "0"],
      2,
      'senet: --size: expected a size such as 224 or 224x192 (height by width), each from 1 to 65536, found "0"; correct it.\n',
    ],
    [
      ["resnet8", "--classes", "0"],
      2,
      'senet: --classes: expected a whole number of at least 1 and at most 1000000, found "0"; correct it.\n',
    ],
    [
      ["resnet8", "--depth", "-1"],
      2,
      'senet: --depth: expected a whole number of at least 0 and at most 100, found "-1"; correct it.\n',
    ],
  ])("says what is wrong with %j", async (args, status, sentence) => {
    expect(await run("summary", ...args)).toEqual({ status, stdout: "", stderr: sentence });
  });

  it("says that a file is no network, in one sentence", async () => {
    const { status, stdout, stderr } = await run("summary", "damaged.onnx");
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toMatch(/^senet: damaged\.onnx: .+\.\n$/);
  });

  it("names the layer for which images are too small", async () => {
    const { status, stdout, stderr } = await run("summary", "legacy_senet154", "--size", "4");
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toMatch(/^senet: .*MaxPool.*a window of 3 does not fit into 2 .+\.\n$/);
  });
});

describe("senet compare", () => {
  it("shows what networks cost and where the differences arise", async () => {
    const out = await text("compare", "resnet8", "se.onnx");
    const [, , plain, twin, difference] = out.split("\n");
    expect(plain).toMatch(/^resnet8 +78,042 +12\.50 M .* +– +– +–$/);
    expect(twin).toMatch(/^se\.onnx +79,062 +25\.01 M .* \d+\.\d\d %$/);
    expect(difference).toMatch(/^ {2}difference +\+1\.3 % +\+100\.0 % /);
    expect(out).toContain("Inputs differ: resnet8 [1, 3, 32, 32], se.onnx [2, 3, 32, 32];");
    const same = await text("compare", "resnet8", "seresnet8", "model.bin");
    expect(same).toMatch(/^seresnet8 against resnet8 /m);
    expect(same).toMatch(/^ {2}in SE blocks +\+1,020 +\+896 /m);
    expect(same).not.toMatch(/^ {2}elsewhere/m);
    expect(same).toMatch(/^ {2}scale +0 +0 +\+28\.67 k/m);
    expect(same).toMatch(/^ {2}layer3 +\+580 /m);
    expect(same).toContain("model.bin against resnet8: no difference in what is counted.");
  });

  it("takes a name for the network, and a path for the folder of that name", async () => {
    mkdirSync(`${cwd}/seresnet8`);
    expect(await text("compare", "resnet8", "seresnet8")).toContain("seresnet8 against resnet8");
    expect(await run("compare", "resnet8", "./seresnet8")).toMatchObject({
      status: 2,
      stderr:
        "senet compare: expected runs only or networks only, found the run ./seresnet8 and the network resnet8; of a run, give its model.onnx.\n",
    });
    rmdirSync(`${cwd}/seresnet8`);
  });

  it("gives JSON", async () => {
    const { models } = await json("compare", "resnet8", "seresnet8", "--size", "16", "--classes", "3");
    const [plain, twin] = models;
    expect(plain).toMatchObject({
      model: "resnet8",
      input: [3, 16, 16],
      difference: { params: 0, seParams: null },
    });
    expect(twin.difference.params).toBeCloseTo(1020 / plain.params, 12);
    expect(twin.params - plain.params).toBe(1020);
    for (const group of ["se", "kinds", "modules"]) {
      const parts: { params: number; bytesMoved: number }[] = twin.where[group];
      const total = (key: "params" | "bytesMoved") => parts.reduce((sum, part) => sum + part[key], 0);
      expect(total("params"), group).toBe(1020);
      expect(total("bytesMoved"), group).toBe(twin.bytesMoved - plain.bytesMoved);
    }
  });

  it.each<[args: string[], status: number, sentence: string]>([
    [["resnet8"], 2, "senet compare: expected two or more runs or networks, found one; name another.\n"],
    [
      ["run", "resnet8"],
      2,
      "senet compare: expected runs only or networks only, found the run run and the network resnet8; of a run, give its model.onnx.\n",
    ],
    [
      ["resnet8", "seresnt8"],
      1,
      'senet: Model "seresnt8" is not known (did you mean "seresnet8"?); `senet models` lists all.\n',
    ],
    [
      ["resnet8", "se.onnx", "--threads", "2"],
      2,
      "senet: --threads works for runs, found networks; leave it out.\n",
    ],
    [["run", "gone", "--size", "8"], 2, "senet: --size works for networks, found runs; leave it out.\n"],
  ])("says what is wrong with %j", async (args, status, sentence) => {
    expect(await run("compare", ...args)).toEqual({ status, stdout: "", stderr: sentence });
  });
});
