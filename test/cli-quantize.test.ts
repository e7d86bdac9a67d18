/** `senet quantize` from the command line, on a network that has learned two colors; its file is used by the other commands. */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildCli, senet } from "./support/cli.ts";
import { imageBytes, temporaryFolder } from "./support/data-fixtures.ts";

const folder = temporaryFolder();
const cwd = folder.path;
const run = (...args: string[]) => senet(cwd, ["quantize", ...args]);

beforeAll(async () => {
  buildCli();
  const images: Record<string, Uint8Array> = {};
  for (const split of ["train", "val"]) {
    for (let i = 0; i < 8; i++) {
      images[`images/${split}/red/${i}.png`] = await imageBytes(16, 16, `rgb(${200 + 5 * i}, 10, 20)`);
      images[`images/${split}/blue/${i}.png`] = await imageBytes(16, 16, `rgb(10, 20, ${200 + 5 * i})`);
    }
  }
  folder.write({
    ...images,
    "bad/1.jpg": "text",
    "bad/2.png": "",
    "empty/notes.txt": "none",
    "there.onnx": "old",
  });
  const args = ["--data", "images", "--size", "16", "--batch", "8", "--epochs", "6", "--lr", "0.05"];
  const { status, stderr } = await senet(cwd, [
    "train",
    "seresnet8",
    ...args,
    "--out",
    "run",
    "--threads",
    "1",
  ]);
  expect(status, stderr).toBe(0);
  const made = await run("run", "int8.onnx", "--calibrate", "images", "--max-drop", "0.5", "--json");
  expect(made.status, made.stderr).toBe(0);
  result = JSON.parse(made.stdout);
}, 120_000);
afterAll(() => folder.remove());

let result: {
  bytes: { quantized: number; ratio: number };
  accuracy: { float: number; quantized: number; images: number };
  layers: { name: string; isInteger: boolean }[];
};
const size = (file: string) => statSync(join(cwd, file)).size;

describe("quantize", () => {
  it("writes a file of the size it says, and tests it on the labeled images", () => {
    expect(result.bytes.quantized).toBe(size("int8.onnx"));
    expect(result.bytes.ratio).toBeLessThan(0.5);
    expect(result.accuracy).toEqual({ float: 1, quantized: 1, images: 16, drop: 0 });
    expect(result.layers.some(({ name, isInteger }) => name === "layer1.0.se.fc1" && isInteger)).toBe(true);
  });

  it("writes what eval, predict and summary read", async () => {
    const [evaluated, predicted, counted, original] = await Promise.all([
      senet(cwd, ["eval", "int8.onnx", "--data", "images", "--json"]),
      senet(cwd, ["predict", "int8.onnx", "images/val/red/3.png", "--top-k", "1", "--json"]),
      senet(cwd, ["summary", "int8.onnx", "--json"]),
      senet(cwd, ["summary", "run/model.onnx", "--json"]),
    ]);
    expect(JSON.parse(evaluated.stdout)).toMatchObject({ top1: 1 });
    expect(JSON.parse(predicted.stdout).images[0].predictions[0].label).toBe("red");
    const [after, before] = [counted, original].map(({ stdout, stderr }) => {
      expect(stderr).toBe("");
      return JSON.parse(stdout);
    });
    expect(after.macs).toBe(before.macs);
    expect(after.seBlocks).toBe(before.seBlocks);
    expect(before.seBlocks).toBeGreaterThan(0);
  });

  it("tells people what it did", async () => {
    const method = [
      "--method",
      "percentile",
      "--percentile",
      "99.9",
      "--reduce-range",
      "--keep-float",
      "first,gate",
    ];
    const { status, stdout, stderr } = await run(
      "run/model.onnx",
      "told.onnx",
      "--calibrate",
      "images/val",
      ...method,
    );
    expect(status, stderr).toBe(0);
    expect(stdout).toMatch(
      /^told\.onnx: 0\.\d MB, \d+\.\d\d % of 0\.\d MB\n\d+ nodes in integers, ranges by percentile on 16 images\n/,
    );
    expect(stdout).toMatch(/\naccuracy 100\.00 % → \d+\.\d\d % \([+-]\d+\.\d\d points\) on 16 images\n/);
    expect(stdout).toMatch(/\n {2}Conv: kept float as asked \(conv1 and 6 more\)\n/);
  });

  it("stores weights alone in fewer bits", async () => {
    const made = await Promise.all([
      run("run/model.onnx", "half.onnx", "--weights", "fp16", "--data", "images", "--json"),
      run("run/model.onnx", "byte.onnx", "--weights", "int8", "--json"),
    ]);
    for (const { status, stderr } of made) expect(status, stderr).toBe(0);
    expect(JSON.parse(made[0].stdout).accuracy).toMatchObject({ float: 1, quantized: 1 });
    expect(size("byte.onnx")).toBeLessThan(size("half.onnx"));
    expect(size("half.onnx")).toBeLessThan(0.6 * size("run/model.onnx"));
  });

  it.each<[string[], number, string]>([
    [
      ["run", "a.onnx"],
      2,
      "senet quantize: expected --calibrate with images to see ranges on, or --weights; give one.",
    ],
    [
      ["run", "there.onnx", "--calibrate", "images"],
      1,
      "there.onnx: expected nothing there, found a file; choose another name, or give --force to replace it.",
    ],
    [
      ["run", "run/model.onnx", "--weights", "fp16", "--force"],
      2,
      "run/model.onnx: expected another file than the one that is read, found the same; choose another name",
    ],
    [
      ["run", "nowhere/a.onnx", "--calibrate", "empty"],
      1,
      "nowhere/a.onnx: expected an existing folder to write into, found none; create it first.",
    ],
    [
      ["run", "a.onnx", "--calibrate", "empty"],
      1,
      "empty: expected images (JPEG, PNG, WebP, GIF, TIFF or AVIF) in it or below, found none; check the path.",
    ],
    [
      ["run", "a.onnx", "--calibrate", "bad"],
      1,
      "bad: expected images that decode, found 2 files that do not, such as bad/",
    ],
    [
      ["int8.onnx", "a.onnx", "--calibrate", "images"],
      1,
      "expected a float32 network, found one that is quantized already; give the one it was made from.",
    ],
    [
      ["run", "a.onnx", "--weights", "int8", "--max-drop", "1"],
      2,
      "--max-drop works for integer arithmetic, found --weights int8; leave one out.",
    ],
    [
      ["run", "a.onnx", "--calibrate", "images", "--keep-float", "conv9"],
      1,
      'nothing is named "conv9" to be kept float',
    ],
    [
      ["run", "a.onnx", "--calibrate", "images", "--method", "mss"],
      2,
      '--method: expected min-max, percentile, mse or entropy, found "mss" (did you mean "mse"?); correct it.',
    ],
  ])("refuses %j", async (args, code, message) => {
    const { status, stderr } = await run(...args);
    expect(stderr).toContain(message);
    expect(status).toBe(code);
    expect(readFileSync(join(cwd, "there.onnx"), "utf8")).toBe("old");
  });
});
