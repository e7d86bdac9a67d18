import { expect, it } from "vitest";
import { openData, openLoader } from "../src/data/loader/loader-node.ts";
import { openDataset } from "../src/data/open-dataset-node.ts";
import { zeros } from "../src/ir/tensor.ts";
import { createModel } from "../src/models/create-model.ts";
import { optimize } from "../src/passes/inference/optimize.ts";
import { insertSE } from "../src/passes/se/insert-se.ts";
import { pipeline } from "../src/predict/pipeline-node.ts";
import { quantize } from "../src/quantize/quantize-node.ts";
import { adamW, sgd } from "../src/train/step/optimizers.ts";
import { trainStep } from "../src/train/step/train-step.ts";
import { createPretrained } from "../src/weights/create-pretrained-node.ts";
import { messageOf } from "./support/data-fixtures.ts";

/** As a program without types calls the functions. */
type Untyped = Record<string, (...args: unknown[]) => unknown>;
const functions = {
  ...{ adamW, createModel, createPretrained, insertSE, openData, openDataset, openLoader },
  ...{ optimize, pipeline, quantize, sgd, trainStep },
} as unknown as Untyped;
const net = createModel("seresnet8", { input: [3, 8, 8] });
const source = { path: "fashion-mnist-mini", split: "train" };

it.each<[string, unknown[], RegExp]>([
  [
    "createModel",
    ["seresnet8", { clases: 5 }],
    /^usage: Model seresnet8: .*"clases" \(did you mean "classes"\?\)/,
  ],
  [
    "createPretrained",
    ["seresnet8", "x.pth", { resethead: true }],
    /^usage: createPretrained: .*"resetHead"\?/,
  ],
  [
    "trainStep",
    [net, { batch: 2, optimizer: sgd(), emma: 0.9 }],
    /^usage: trainStep: .*"emma" \(did.*"ema"\?/,
  ],
  ["sgd", [{ momentun: 0.5 }], /^usage: sgd: .*"momentum"\?/],
  ["adamW", [{ beta: [0.9, 0.99] }], /^usage: adamW: .*"betas"\?/],
  ["optimize", [net, { blok: 8 }], /^usage: optimize: .*"block"\?/],
  ["insertSE", [net, { place: "conv", reducton: 4 }], /^usage: Insertion of SE blocks: .*"reduction"\?/],
  ["quantize", [net, [zeros([1, 3, 8, 8])], { keepfloat: ["first"] }], /^usage: quantize: .*"keepFloat"\?/],
  ["openData", ["fashion-mnist-mini", { sise: 32 }], /^usage: openData: .*"size"\?/],
  ["openLoader", [{ trian: source }], /^usage: openLoader: .*"train"\?/],
  ["openLoader", [{ train: { ...source, limt: 5 } }], /^usage: Data source: .*"limit"\?/],
  ["openLoader", [{ train: source }, { onprogress: () => {} }], /^usage: openLoader: .*"onProgress"\?/],
  ["openDataset", [source, { onprogress: () => {} }], /^usage: openDataset: .*"onProgress"\?/],
  ["pipeline", ["image-classification", net, { batchsize: 2 }], /^usage: pipeline: .*"batchSize"\?/],
])("%s refuses an option that does not exist: %j", async (name, args, message) => {
  expect(await messageOf(async () => functions[name](...args))).toMatch(message);
});

it.each<[string, unknown[], string]>([
  [
    "optimize",
    [net, { squeeze: "al" }],
    'optimize: expected `squeeze` to be pointwise, all, late, found "al" (did you mean "all"?); correct it.',
  ],
  [
    "insertSE",
    [net, { initial: "zero" }],
    'Insertion of SE blocks: expected `initial` to be neutral, random, found "zero"; correct it.',
  ],
  [
    "trainStep",
    [net, { batch: 2, optimizer: "sgd" }],
    'optimizer: expected what `sgd()` or `adamW()` returns, found "sgd"; correct the option.',
  ],
  [
    "trainStep",
    [net, { batch: 2 }],
    "optimizer: expected what `sgd()` or `adamW()` returns, found undefined; correct the option.",
  ],
  [
    "trainStep",
    [net],
    "trainStep: expected an object with batch, optimizer, labelSmoothing, clipNorm, ema, isFrozen, rateOf, found undefined; correct it.",
  ],
  ["openLoader", ["photos"], "openLoader: expected an object with train, test, found photos; correct it."],
  [
    "openData",
    [{ path: "photos" }],
    "Data source: expected a path or the name of an embedded data set, found [object Object]; give one.",
  ],
  [
    "openLoader",
    [{ train: { path: "photos", split: "all" } }],
    'photos: expected the split "train" or "test", found all; choose one.',
  ],
  [
    "createPretrained",
    ["seresnet8"],
    "createPretrained: expected the weights of seresnet8, a file or hf:OWNER/REPO, found undefined; give them, or use createModel for random ones.",
  ],
])("%s says what it expected: %j", async (name, args, message) => {
  expect(await messageOf(async () => functions[name](...args))).toBe(`usage: ${message}`);
});

it("classify refuses options that do not exist, and takes the index that `map` gives", async () => {
  await using classify = await pipeline("image-classification", net);
  const pixels = { data: new Uint8Array(192), width: 8, height: 8 };
  const wrong = { topk: 1 } as object;
  expect(await messageOf(() => classify(pixels, wrong))).toMatch(/^usage: classify: .*"topK"\?/);
  const results = await Promise.all([pixels].map((one, i) => classify(one, i as never)));
  expect(results[0]).toHaveLength(5);
});
