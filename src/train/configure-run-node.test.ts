import { afterAll, beforeAll, expect, it } from "vitest";
import { idxFiles } from "../../test/support/cli.ts";
import { messageOf, temporaryFolder } from "../../test/support/data-fixtures.ts";
import { type Loader, openData } from "../data/loader/loader-node.ts";
import { parametersOf } from "../ir/graph.ts";
import { createModel } from "../models/create-model.ts";
import { writeOnnx } from "../onnx/write-onnx.ts";
import { configureRun, type RunOverrides } from "./configure-run-node.ts";
import { adamWRecipe, defaultAugment, defaultRecipe } from "./recipe.ts";

const folder = temporaryFolder();
const small = createModel("seresnet8", { classes: 3, input: [1, 8, 8], seed: 5 });
let data: Loader;
beforeAll(async () => {
  for (const [name, bytes] of Object.entries(idxFiles())) folder.write({ [`idx/${name}`]: bytes });
  folder.write({ "small.onnx": writeOnnx(small) });
  data = await openData(`${folder.path}/idx`);
});
afterAll(async () => {
  await data.dispose();
  folder.remove();
});

const firstOf = (graph: typeof small) => parametersOf(graph)[0].tensor?.data;

it("fills what is not given from the recipe, the data and the network", async () => {
  const { config, model } = await configureRun("seresnet8", data);
  const { mean, std } = await data.statistics();
  expect(config).toEqual({
    model: "seresnet8",
    classes: ["0", "1", "2"],
    input: [1, 8, 8],
    data: {
      path: `${folder.path}/idx`,
      skipBad: false,
      samples: [40, 16],
      labels: `${data.train?.labelHash}-${data.test?.labelHash}`,
    },
    mean,
    std,
    ...defaultRecipe,
    augment: defaultAugment(8),
  });
  expect(model.outputs[0].value.shape).toEqual(["N", 3]);
});

it("keeps what is given, and takes AdamW's numbers for AdamW", async () => {
  const { config } = await configureRun("seresnet8", data, {
    optimizer: "adamw",
    epochs: 3,
    mean: [0.5],
    ema: undefined,
    se: { reduction: 4 },
    augment: { flip: false },
  });
  expect(config).toMatchObject({ ...defaultRecipe, ...adamWRecipe, optimizer: "adamw", epochs: 3 });
  expect(config).toMatchObject({ mean: [0.5], se: { reduction: 4 }, augment: { pad: 1, flip: false } });
  expect(Object.keys(config)).not.toContain("ema");
});

it("begins with the weights of a file, of a file of weights, or of a network", async () => {
  const file = `${folder.path}/small.onnx`;
  const ofFile = await configureRun(file, data);
  expect(ofFile.config).toMatchObject({ model: "small", init: file });
  const ofWeights = await configureRun("seresnet8", data, { weights: file });
  expect(ofWeights.config).toMatchObject({ model: "seresnet8", init: file });
  expect(ofWeights.report?.loaded.length).toBeGreaterThan(10);
  const ofGraph = await configureRun(small, data, { resetHead: true });
  expect(ofGraph.config).toMatchObject({ model: "seresnet8", init: "seresnet8" });
  for (const { model } of [ofFile, ofWeights, ofGraph]) expect(firstOf(model)).toEqual(firstOf(small));
});

it.each<[overrides: object, sentence: string]>([
  [{ epochs: 1.5 }, "Training: expected epochs to be a whole number, found 1.5; correct it."],
  [{ epcohs: 1 }, 'Training: expected no field epcohs, found one (did you mean "epochs"?); correct it.'],
  [{ learningRate: 1 }, "Training: expected no field learningRate, found one; correct it."],
  [{ optimizer: "adamw", momentum: 0.9 }, "`momentum` works for sgd, found `optimizer` adamw; leave it out."],
  [
    { warmupEpochs: 2, epochs: 2, schedule: "cosine" },
    "`warmupEpochs`: expected fewer epochs than `epochs` 2, found 2; correct it.",
  ],
  [{ mean: [0.1, 0.2] }, "`mean`: expected 1 number, one per channel of DIR/idx, found 2; correct it."],
  [
    { augment: { pad: 4 } },
    "`pad`: expected less than half a side of the 8×8 images of DIR/idx, found 4; choose a smaller one.",
  ],
  [{ resetHead: true }, "`resetHead`: expected `weights`, or an .onnx file, found neither; leave it out."],
  [
    { freeze: "conv1|stem" },
    '`freeze`: expected a pattern that fits parameters, such as conv1, bn1, layer1 or fc, found "stem", which fits none; correct it.',
  ],
])("%j is refused by name", async (overrides, sentence) => {
  const configure = () => configureRun("seresnet8", data, overrides as RunOverrides);
  expect(await messageOf(configure, folder.path)).toBe(`usage: ${sentence}`);
});

it("a name that is not known, and weights or SE options beside a network, are refused", async () => {
  expect(await messageOf(() => configureRun("seresnt8", data))).toMatch(
    /^unknown-name: Model "seresnt8" is not known \(did you mean "seresnet8"\?\)/,
  );
  expect(await messageOf(() => configureRun(small, data, { weights: "x.pth" }))).toBe(
    "usage: `weights` works for a model given by name, found the network seresnet8, which has its weights; leave it out.",
  );
  expect(await messageOf(() => configureRun(small, data, { se: { reduction: 8 } }))).toBe(
    "usage: Options of SE blocks, such as `reduction`, work for a model given by name, found the network seresnet8; leave them out.",
  );
});
