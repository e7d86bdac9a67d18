import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { type Graph, knownShape, parametersOf, statesOf, type Value } from "../ir/graph.ts";
import { createModel } from "../models/create-model.ts";
import { adamW, sgd } from "../train/step/optimizers.ts";
import { trainStep } from "../train/step/train-step.ts";
import type { WeightsEntry } from "./formats/weights-file.ts";
import { fits, matchWeights } from "./match-weights.ts";

/** Names and shapes of torchvision's networks, by `scripts/make-weights-goldens.py`. */
const torchvision: Record<string, Record<string, number[]>> = JSON.parse(
  gunzipSync(
    readFileSync(new URL("../../test/golden/weights/torchvision-names.json.gz", import.meta.url)),
  ).toString(),
);

function entriesOf(graph: Graph): Map<string, WeightsEntry> {
  return described([...parametersOf(graph), ...statesOf(graph)]);
}

function described(stored: readonly Value[]): Map<string, WeightsEntry> {
  return new Map(stored.map((value) => [value.name ?? "", { dtype: value.dtype, shape: knownShape(value) }]));
}

function named(shapes: Readonly<Record<string, readonly number[]>>): Map<string, WeightsEntry> {
  return new Map(
    Object.entries(shapes).map(([name, shape]) => [
      name,
      { dtype: name.endsWith("num_batches_tracked") ? "int64" : "float32", shape },
    ]),
  );
}

const entry = (...shape: number[]): WeightsEntry => ({ dtype: "float32", shape });
const two = new Map([
  ["conv.weight", entry(4, 3, 1, 1)],
  ["fc.bias", entry(2)],
]);

describe("names of torchvision", () => {
  test.each([
    ["resnet50", "resnet50", undefined],
    ["resnext50_32x4d", "resnext50_32x4d", undefined],
    ["googlenet", "googlenet", undefined],
    ["inception_v3", "inception_v3", undefined],
    ["vgg16_bn", "vgg16_bn", "torchvision's vgg16_bn"],
    ["mobilenet_v3_small", "mobilenetv3_small_100", "torchvision's mobilenet_v3_small"],
    ["mobilenet_v3_large", "mobilenetv3_large_100", "torchvision's mobilenet_v3_large"],
    ["efficientnet_b0", "efficientnet_b0", "torchvision's efficientnet"],
  ])("%s fits %s", (theirs, ours, table) => {
    const expected = entriesOf(createModel(ours));
    const match = matchWeights(expected, named(torchvision[theirs]));
    expect(match).toMatchObject({ missing: [], misshaped: [], unexpected: [] });
    expect([...match.matched.keys()]).toEqual([...expected.keys()]);
    expect(new Set(match.matched.values()).size).toBe(expected.size);
    expect(match.table?.from).toBe(table);
    const others = Object.keys(torchvision[theirs]).length - expected.size;
    expect(match.ignored).toHaveLength(others);
  });

  test("renames layer by layer", () => {
    const { matched } = matchWeights(
      entriesOf(createModel("mobilenetv3_small_100")),
      named(torchvision.mobilenet_v3_small),
    );
    expect(matched.get("blocks.0.0.conv_dw.weight")).toBe("features.1.block.0.0.weight");
    expect(matched.get("blocks.0.0.se.conv_reduce.bias")).toBe("features.1.block.1.fc1.bias");
    expect(matched.get("blocks.1.1.conv_pwl.weight")).toBe("features.3.block.2.0.weight");
    expect(matched.get("blocks.4.2.bn3.running_var")).toBe("features.11.block.3.1.running_var");
    expect(matched.get("conv_head.weight")).toBe("classifier.0.weight");
    expect(matched.get("classifier.bias")).toBe("classifier.3.bias");
  });

  test("regnet_y_800mf is another network than regnety_008: names fit, widths do not", () => {
    const expected = entriesOf(createModel("regnety_008"));
    const match = matchWeights(expected, named(torchvision.regnet_y_800mf));
    expect(match).toMatchObject({ missing: [], unexpected: [], table: { from: "torchvision's regnet" } });
    expect(match.matched.get("s1.b1.conv3.bn.weight")).toBe("trunk_output.block1.block1-0.f.c.1.weight");
    expect(match.matched.get("s3.b8.se.fc1.bias")).toBe("trunk_output.block3.block3-7.f.se.fc1.bias");
    expect(match.misshaped).toContainEqual({
      name: "s2.b1.conv1.conv.weight",
      from: "trunk_output.block2.block2-0.f.a.0.weight",
      expected: [128, 64, 1, 1],
      found: [144, 64, 1, 1],
    });
  });

  test("a run's own checkpoint holds nothing unexpected", () => {
    const model = createModel("seresnet8");
    const why = "state of a training";
    for (const optimizer of [sgd(), adamW()]) {
      const { slots } = trainStep(model, { batch: 2, optimizer, ema: 0.9 });
      const found = described(slots.map(({ value }) => value));
      const { unexpected, ignored, matched } = matchWeights(entriesOf(model), found);
      expect([unexpected, matched.size + ignored.length]).toEqual([[], slots.length]);
      expect(ignored.filter((tensor) => tensor.why !== why)).toEqual([]);
    }
  });

  test("what is left out is named with its reason", () => {
    const { ignored } = matchWeights(entriesOf(createModel("googlenet")), named(torchvision.googlenet));
    expect(ignored).toContainEqual({ name: "aux2.fc2.bias", why: "auxiliary head, for training only" });
    expect(ignored).toContainEqual({
      name: "conv1.bn.num_batches_tracked",
      why: "counter of a BatchNorm",
    });
  });
});

describe("names of pretrainedmodels", () => {
  test.each([
    ["legacy_seresnet50", undefined],
    ["legacy_senet154", undefined],
    ["inception_resnet_v2", "pretrainedmodels"],
  ])("%s, whose classifier is last_linear", (name, table) => {
    const expected = entriesOf(createModel(name));
    const theirs = [...expected].map(([key, value]): [string, WeightsEntry] => [
      key.replace(/^classif\./, "last_linear."),
      value,
    ]);
    const match = matchWeights(expected, new Map(theirs));
    expect(match).toMatchObject({ missing: [], misshaped: [], unexpected: [] });
    expect(match.table?.from).toBe(table);
  });
});

describe("wrappers", () => {
  const wrapped = (prefix: string) =>
    new Map([...two].map(([name, value]): [string, WeightsEntry] => [prefix + name, value]));

  test.each(["module.", "model.", "backbone.", "_orig_mod.", "module._orig_mod.", "model.backbone.module."])(
    "%s before all names goes",
    (prefix) => {
      const { matched, missing } = matchWeights(two, wrapped(prefix));
      expect([...matched]).toEqual([...two.keys()].map((name) => [name, prefix + name]));
      expect(missing).toEqual([]);
    },
  );

  test("a prefix that most names have goes; a name without it stays", () => {
    const found = new Map([...wrapped("backbone."), ["head.bias", entry(2)]]);
    expect(matchWeights(two, found)).toMatchObject({ missing: [], unexpected: ["head.bias"] });
  });

  test("a prefix of the network's own stays", () => {
    const own = new Map([["model.fc.bias", entry(2)]]);
    expect(matchWeights(own, own)).toMatchObject({ missing: [], unexpected: [] });
  });

  test("two names never become one", () => {
    const found = new Map([...wrapped("module."), ["fc.bias", entry(2)]]);
    const { matched, unexpected } = matchWeights(two, found);
    expect(matched.get("fc.bias")).toBe("fc.bias");
    expect(unexpected).toEqual(["module.fc.bias"]);
  });
});

describe("shapes and types", () => {
  test.each([
    [[4, 3], [4, 3], true],
    [[4, 3, 1, 1], [4, 3], true],
    [[4, 3], [4, 3, 1, 1], true],
    [[4096, 512, 7, 7], [4096, 25088], true],
    [[4, 3], [3, 4], false],
    [[4, 3, 1, 1], [3, 4], false],
    [[4, 3], [12], false],
    [[4, 3, 1, 1], [4, 1, 3, 1], false],
  ])("%j and %j: %s", (expected, found, does) => {
    expect(fits(expected, found)).toBe(does);
  });

  test("floating point fits float32; whole numbers do not", () => {
    const halved: WeightsEntry = { dtype: "float16", shape: [2] };
    const whole: WeightsEntry = { dtype: "int64", shape: [2] };
    const bias = new Map([["fc.bias", entry(2)]]);
    expect(matchWeights(bias, new Map([["fc.bias", halved]])).misshaped).toEqual([]);
    expect(matchWeights(bias, new Map([["fc.bias", whole]])).misshaped).toEqual([
      { name: "fc.bias", from: "fc.bias", expected: [2], found: [2], type: "int64" },
    ]);
  });
});
