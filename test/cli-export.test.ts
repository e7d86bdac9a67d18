import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fromBinary } from "@bufbuild/protobuf";
import { type ModelProto, ModelProtoSchema } from "onnx-buf";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parametersOf } from "../src/entries/graph.ts";
import { newGraph, readOnnx, writeOnnx, zeros } from "../src/entries/index.ts";
import { readDescription } from "../src/entries/models.ts";
import { createSession } from "../src/runtime/node.ts";
import { buildCli, senet } from "./support/cli.ts";
import { temporaryFolder } from "./support/data-fixtures.ts";

const folder = temporaryFolder();
const cwd = folder.path;
const run = (...args: string[]) => senet(cwd, ["export", ...args]);
const bytesOf = (file: string) => readFileSync(join(cwd, file));
const parse = (file: string): ModelProto => fromBinary(ModelProtoSchema, bytesOf(file));
const graphOf = (file: string) => readOnnx(bytesOf(file));
const weightsOf = (file: string) =>
  parametersOf(graphOf(file)).map(({ name, tensor }) => [name, tensor?.data]);

beforeAll(async () => {
  buildCli();
  await run("seresnet8", "-o", "net.onnx");
  await run("seresnet8", "-o", "fixed.onnx", "--batch", "3");
  const b = newGraph("baked");
  const images = b.input("images", "float32", [2, 3, 8, 8]);
  b.output("y", b.op("Add", [images, b.constant(zeros([2, 3, 8, 8]))]));
  folder.write({ "text.onnx": "no model", "baked.onnx": writeOnnx(b.build()) });
  mkdirSync(join(cwd, "folder"));
}, 60_000);
afterAll(() => folder.remove());

describe("senet export", () => {
  it("writes a network that names its modules, carries its preprocessing and runs", async () => {
    const { graph, opsetImport, metadataProps } = parse("net.onnx");
    const names = graph?.node.map(({ name }) => name) ?? [];
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(expect.arrayContaining(["conv1/Conv", "layer1.0.se.fc1/Conv", "layer3.0/Add"]));
    expect(opsetImport.map(({ domain, version }) => [domain, version])).toEqual([["", 18n]]);
    expect(metadataProps.map(({ key }) => key)).toEqual(["senet"]);
    expect(readDescription(graphOf("net.onnx"))).toMatchObject({
      model: "seresnet8",
      input: [3, 32, 32],
      mean: [0.4914, 0.4822, 0.4465],
      colorOrder: "RGB",
      pixelRange: 1,
    });
    const session = await createSession(bytesOf("net.onnx"), { threads: 1 });
    for (const batch of [1, 3]) {
      const { logits } = await session.run({ images: zeros([batch, 3, 32, 32]) });
      expect(logits.shape).toEqual([batch, 10]);
    }
    await session.dispose();
  });

  it("tells what it wrote, for people and for programs", async () => {
    const { stdout, stderr, status } = await run("seresnet8", "-o", "told.onnx", "--seed", "7");
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toBe(
      "told.onnx: 0.3 MB, opset 18, images [N, 3, 32, 32] → logits [N, 10], 79,062 parameters (random, seed 7)\n",
    );
    const json = await run("seresnet8", "-o", "told.onnx", "--json", "--force");
    expect(JSON.parse(json.stdout)).toEqual({
      model: "seresnet8",
      file: "told.onnx",
      bytes: bytesOf("told.onnx").length,
      opset: 18,
      params: 79062,
      inputs: [{ name: "images", dtype: "float32", shape: ["N", 3, 32, 32] }],
      outputs: [{ name: "logits", dtype: "float32", shape: ["N", 10] }],
    });
  });

  it("takes opset, batch, size and classes", async () => {
    const options = ["--opset", "21", "--batch", "2", "--size", "48x40", "--classes", "5"];
    expect((await run("seresnet8", "-o", "other.onnx", ...options)).status).toBe(0);
    const { inputs, outputs } = graphOf("other.onnx");
    expect([inputs[0].shape, outputs[0].value.shape]).toEqual([
      [2, 3, 48, 40],
      [2, 5],
    ]);
    expect(parse("other.onnx").opsetImport[0].version).toBe(21n);
  });

  it("draws the same weights for the same seed, others for another", async () => {
    await run("seresnet8", "-o", "a.onnx", "--seed", "1");
    await run("seresnet8", "-o", "b.onnx", "--seed", "1");
    expect(bytesOf("a.onnx").equals(bytesOf("b.onnx"))).toBe(true);
    expect(bytesOf("a.onnx").equals(bytesOf("net.onnx"))).toBe(false);
  });

  it("writes a file anew, over itself as well: the same weights and metadata, another batch and opset", async () => {
    const before = weightsOf("net.onnx");
    folder.write({ "again.onnx": bytesOf("net.onnx") });
    const { stdout, status } = await run(
      "again.onnx",
      "-o",
      "again.onnx",
      "--batch",
      "4",
      "--opset",
      "22",
      "--force",
    );
    expect(status).toBe(0);
    expect(stdout).toContain("images [4, 3, 32, 32] → logits [4, 10], 79,062 parameters\n");
    expect(weightsOf("again.onnx")).toEqual(before);
    expect(graphOf("again.onnx").metadata).toEqual(graphOf("net.onnx").metadata);
    const freed = await run("fixed.onnx", "-o", "freed.onnx", "--batch", "symbolic");
    expect(freed.stdout).toContain("images [N, 3, 32, 32] → logits [N, 10]");
    const rebound = await run("fixed.onnx", "-o", "rebound.onnx", "--batch", "5");
    expect(rebound.stdout).toContain("images [5, 3, 32, 32] → logits [5, 10]");
    expect(weightsOf("rebound.onnx")).toEqual(weightsOf("net.onnx"));
    expect((await run("net.onnx", "-o", "same.onnx", "--batch", "symbolic")).status).toBe(0);
    expect(bytesOf("same.onnx").equals(bytesOf("net.onnx"))).toBe(true);
  });
});

describe("what is wrong is said in one sentence, and nothing is written", () => {
  const cases: [status: 1 | 2, args: string[], sentence: string][] = [
    [
      1,
      ["seresnt8", "-o", "x.onnx"],
      'Model "seresnt8" is not known (did you mean "seresnet8"?); `senet models` lists all.',
    ],
    [
      1,
      ["seresnet8", "-o", "nowhere/x.onnx"],
      "nowhere/x.onnx: expected an existing folder to write into, found none; create it first.",
    ],
    [
      1,
      ["seresnet8", "-o", "folder"],
      "folder: expected a file or nothing, found a folder; give the path of a file.",
    ],
    [
      1,
      ["seresnet8", "-o", "net.onnx"],
      "net.onnx: expected nothing there, found a file; choose another name, or give --force to replace it.",
    ],
    [
      2,
      ["seresnet8", "-o", "x.onnx", "--se", '{"reducton": 8}'],
      'Model seresnet8, --se: there is no option "reducton" (did you mean "reduction"?); the options are squeeze, grid, tile, excitation, hidden, reduction, minimumHidden, divisor, bias, norm, activation, gate, placement, stages.',
    ],
    [
      2,
      ["seresnet8", "-o", "x.onnx", "--se", '{"squeeze": "grid", "grid": 99}'],
      "Model seresnet8 with an input of 3×32×32: SE block layer1.0.se: expected a grid of at most 32×32 for a map of 32×32, found 99×99; choose a coarser one.",
    ],
    [
      2,
      ["seresnet8", "-o", "x.onnx", "--squeeze", "avg", "--se", '{"squeeze": "agv"}'],
      'Model seresnet8: expected the "squeeze" in --se of its SE blocks to be avg, max, avg+max, avg+std, grid, flatten, tile, none, found "agv" (did you mean "avg"?); correct it.',
    ],
    [2, ["seresnet8"], "senet export: expected -o with the file to write, such as -o model.onnx."],
    [
      2,
      ["seresnet8", "-o", "x.onnx", "--opset", "9"],
      "--opset: expected 18 to 22, found 9; choose one of these, as older ones lack operators or define them differently.",
    ],
    [
      2,
      ["seresnet8", "-o", "x.onnx", "--opset", "23"],
      "--opset: expected 18 to 22, found 23; choose one of these.",
    ],
    [
      2,
      ["seresnet8", "-o", "x.onnx", "--opset", "x"],
      '--opset: expected 18 to 22, found "x"; choose one of these.',
    ],
    [
      2,
      ["seresnet8", "-o", "x.onnx", "--batch", "0"],
      '--batch: expected a whole number of at least 1, or symbolic, found "0"; correct it.',
    ],
    [
      2,
      ["net.onnx", "-o", "x.onnx", "--seed", "1"],
      "--seed works for a model given by name, found the file net.onnx, which has its weights; leave it out.",
    ],
    [
      1,
      ["baked.onnx", "-o", "x.onnx", "--batch", "symbolic"],
      "baked.onnx with --batch symbolic: baked: expected a network for any number of images, found one that fixes 2 (Add: shapes [N, 3, 8, 8] and [2, 3, 8, 8] do not broadcast, because N and 2 differ and neither is 1; reshape one); export it with a dynamic batch.",
    ],
    [2, ["-o", "x.onnx"], "missing required argument 'model|file.onnx'; see --help."],
  ];
  it.each(cases)("%i %j", async (wanted, args, sentence) => {
    const files = readdirSync(cwd);
    const { status, stdout, stderr } = await run(...args);
    expect(stderr).toBe(sentence.startsWith("senet ") ? `${sentence}\n` : `senet: ${sentence}\n`);
    expect([status, stdout]).toEqual([wanted, ""]);
    expect(readdirSync(cwd)).toEqual(files);
  });

  it("a file that is no model", async () => {
    const { status, stderr } = await run("text.onnx", "-o", "text.onnx", "--force");
    expect(status).toBe(1);
    expect(stderr).toMatch(/^senet: text\.onnx: .*\.\n$/);
    expect(bytesOf("text.onnx").toString()).toBe("no model");
  });
});
