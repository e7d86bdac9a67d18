import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parametersOf } from "../src/entries/graph.ts";
import { createModel, readOnnx, writeOnnx } from "../src/entries/index.ts";
import { matchSE } from "../src/entries/passes.ts";
import { buildCli, senet } from "./support/cli.ts";
import { temporaryFolder } from "./support/data-fixtures.ts";

const folder = temporaryFolder();
const cwd = folder.path;
const graphOf = (file: string) => readOnnx(readFileSync(join(cwd, file)));
const weightsOf = (file: string) =>
  parametersOf(graphOf(file)).map(({ name, tensor }) => [name, tensor?.data]);

beforeAll(() => {
  buildCli();
  const input = [1, 28, 28] as const;
  folder.write({
    "plain.onnx": writeOnnx(createModel("resnet8", { input })),
    "se.onnx": writeOnnx(createModel("seresnet8", { input })),
  });
  const broken = createModel("seresnet8", { input });
  for (const { tensor } of parametersOf(broken).slice(0, 1)) tensor?.data.fill(Number.NaN as never);
  folder.write({ "broken.onnx": writeOnnx(broken) });
}, 120_000);
afterAll(() => folder.remove());

describe("senet insert and senet strip", () => {
  it("put blocks in without changing the function, and take them out again to the bit", async () => {
    const inserted = await senet(cwd, ["insert", "plain.onnx", "inserted.onnx", "--reduction", "8"]);
    expect(inserted.stdout).toMatch(/layer1\.0\.se +2 +16 .*residual branch before the sum.*weights/);
    expect(inserted.stdout).toMatch(/inserted\.onnx: .*, 3 SE blocks with [\d,]+ parameters\n/);
    expect(inserted.stdout).toMatch(/largest difference of the outputs on random inputs: (0|\d\.\de-\d+) of/);
    expect(matchSE(graphOf("inserted.onnx"))).toHaveLength(3);
    const stripped = await senet(cwd, ["strip", "inserted.onnx", "stripped.onnx", "--gate", "0.5"]);
    expect(stripped).toMatchObject({ status: 0 });
    expect(weightsOf("stripped.onnx")).toEqual(weightsOf("plain.onnx"));
  });

  it("insert by place, pattern and stage, told as JSON", async () => {
    const args = ["insert", "plain.onnx", "some.onnx", "--place", "conv", "--where", "layer3", "--json"];
    const { stdout } = await senet(cwd, args);
    const { blocks, difference, parameters } = JSON.parse(stdout);
    expect(
      blocks.map(({ kind, name }: { kind: string; name: string }) => [kind, name.split(".")[0]]),
    ).toEqual(blocks.map(() => ["conv", "layer3"]));
    expect(blocks.length).toBeGreaterThan(1);
    expect(difference).toBeLessThan(1e-5);
    expect(parameters).toBeGreaterThan(0);
  });

  it("strip the last stage by its mean gates over images, and tell the accuracy", async () => {
    const data = ["--data", "fashion-mnist-mini", "--mean", "0.5", "--std", "0.5", "--images", "64"];
    const args = ["strip", "se.onnx", "shorter.onnx", "--stages", "last", ...data];
    const { stdout, status } = await senet(cwd, args);
    expect(status).toBe(0);
    expect(stdout).toMatch(/layer3\.0\.se +64 +0\.\d{3}/);
    expect(stdout).toMatch(/averaged over \d+ images of fashion-mnist-mini/);
    expect(stdout).toMatch(/top-1 on the test split: \d+\.\d\d % before, \d+\.\d\d % after/);
    expect(matchSE(graphOf("shorter.onnx"))).toHaveLength(2);
  });

  it.each([
    [["insert", "plain.onnx", "se.onnx"], 1, /se\.onnx: expected nothing there, found a file; .* --force/],
    [["strip", "se.onnx", "./se.onnx", "--gate", "1", "--force"], 2, /expected another file than the one/],
    // Told before any work, and so before what else is wrong.
    [
      ["insert", "plain.onnx", "nowhere/x.onnx", "--where", "stem"],
      1,
      /expected an existing folder to write/,
    ],
    [["insert", "plain.onnx", "plain.onnx/x", "--where", "stem"], 1, /expected a folder before the last/],
    [
      ["insert", "plain.onnx", ".", "--force", "--where", "stem"],
      1,
      /expected a file or nothing, found a folder/,
    ],
    [
      ["insert", "plain.onnx", "x.onnx", "--where", "stem"],
      2,
      /expected --where to fit the name .* fits none of layer1\.0\.se, layer2\.0\.se/,
    ],
    [["insert", "plain.onnx", "x.onnx", "--place", "concat"], 1, /found 3 of kind residual/],
    [
      ["insert", "plain.onnx", "x.onnx", "--stages", "0"],
      2,
      /--stages: expected whole numbers of at least 1/,
    ],
    [["insert", "broken.onnx", "x.onnx"], 1, /broken\.onnx: expected finite numbers in logits .*, found NaN/],
    [
      ["strip", "broken.onnx", "x.onnx", "--data", "fashion-mnist-mini", "--mean", "0.5", "--std", "0.5"],
      1,
      /broken\.onnx: expected finite gates of the SE block layer1\.0\.se, found NaN/,
    ],
    [["strip", "se.onnx", "x.onnx"], 2, /expected --data with images .*, or --gate with a constant/],
    [
      ["strip", "plain.onnx", "x.onnx", "--gate", "0.5"],
      1,
      /plain\.onnx: expected SE blocks to take out, found none/,
    ],
    [["strip", "se.onnx", "x.onnx", "--gate", "1", "--where", "stem"], 2, /layer1\.0\.se in stage 2/],
  ] as const)("refuse %j", async (args, status, message) => {
    const outcome = await senet(cwd, [...args]);
    expect(outcome.stderr).toMatch(message);
    expect(outcome.status).toBe(status);
    expect(existsSync(join(cwd, "x.onnx"))).toBe(false);
  });
});
