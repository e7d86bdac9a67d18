import { describe, expect, it } from "vitest";
import { expectSame } from "../../test/support/compare.ts";
import { evaluate } from "../../test/support/evaluate.ts";
import { readGolden, type TrainingGolden } from "../../test/support/golden.ts";
import { modelCounts } from "../../test/support/model-counts.ts";
import { smallInput } from "../../test/support/small-input.ts";
import { complexity } from "../analysis/complexity.ts";
import { randomTensor } from "../analysis/random-feeds.ts";
import { randomStream } from "../base/random.ts";
import { type Graph, knownShape, parametersOf, statesOf, type Value } from "../ir/graph.ts";
import { type Shape, sizeOf } from "../ir/shape.ts";
import { type Tensor, tensor } from "../ir/tensor.ts";
import { verify } from "../ops/verify.ts";
import { lower } from "../passes/lower/lower.ts";
import { toRef } from "../reference/ref-tensor.ts";
import { executeGraph } from "../runtime/execute-graph-node.ts";
import { sgd } from "../train/step/optimizers.ts";
import { composeTrainStep } from "../train/step/train-step.ts";
import { createModel } from "./create-model.ts";
import { findModel } from "./find-model.ts";
import { registry } from "./registry.ts";

const names = Object.keys(registry);

/** The networks that `cifarFormula` adds up. */
const CIFAR = /^(se)?resnet(8|14|20|32|44|56|110)$/;

/**
 * The networks whose gradients the engine computes here: one of each family that has layers or units of its own. VGG and
 * Inception-ResNet-v2, whose layers are all in others, would take too long.
 */
const DIFFERENTIATED = new Set([
  "resnet8",
  "resnet14",
  "resnet20",
  "seresnet8",
  "seresnet14",
  "seresnet20",
  "seresnet18",
  "segooglenet",
  "sebninception",
  "mobilenetv3_small_100",
  "seshufflenet_g3_w1",
  "semobilenetv1_100",
  "seresnet50",
  "efficientnet_b0",
  "regnety_008",
  "seshakeshake26_2x96d",
  "sewrn16_8",
  "seinception_v3",
]);

/** Heights and widths, smaller than `smallInput`, of networks whose step would take long. */
const SMALLER: Readonly<Record<string, number>> = {
  seshakeshake26_2x96d: 8,
  sewrn16_8: 8,
  // The last maps are still 2×2.
  seresnet50: 33,
  efficientnet_b0: 33,
  regnety_008: 33,
  seinception_v3: 75,
};

function randomImages(batch: number, shape: readonly number[]): Tensor {
  return randomTensor([batch, ...shape], randomStream(1, batch));
}

function uniformNoise(shape: readonly number[]): Tensor {
  const random = randomStream(2);
  return tensor(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => random()),
  );
}

/** A test of the networks that it applies to: declared for no other, as a skipped test is one that something is missing for. */
function itWhere(applies: boolean, name: string, body: () => unknown): void {
  if (applies) it(name, body);
}

describe.each(names)("%s", (name) => {
  const { input, classes } = registry[name];

  it("builds a verified graph from images to logits", () => {
    const graph = createModel(name);
    verify(graph);
    expect(graph.inputs.map(({ name: port, shape }) => [port, shape])).toEqual([["images", ["N", ...input]]]);
    expect(graph.outputs.map(({ name: port, value }) => [port, value.shape])).toEqual([
      ["logits", ["N", classes]],
    ]);
  });

  it("has the checked-in counts", () => {
    const { parameters, macs } = complexity(createModel(name));
    expect([parameters, macs]).toEqual(modelCounts[name]);
  });

  itWhere(CIFAR.test(name), "has the counts of a formula of its own", () => {
    const { parameters, macs, statistics } = complexity(createModel(name));
    expect({ parameters, macs, statistics }).toEqual(cifarFormula(name));
  });

  const batch = 2;
  const size = CIFAR.test(name) ? 8 : SMALLER[name];
  const shape = size === undefined ? smallInput(name) : ([input[0], size, size] as const);
  const composed = () =>
    // Gradient descent at rate 1 subtracts the gradient itself.
    composeTrainStep(createModel(name, { input: shape }), {
      batch,
      optimizer: sgd({ momentum: 0, weightDecay: 0 }),
    });

  it("updates every parameter in its training step", () => {
    const step = composed();
    verify(step.graph);
    const parameters = parametersOf(createModel(name, { input: shape })).map((value) => value.name ?? "");
    const slots = step.slots.map(({ value }) => [value.name ?? "", value.tensor] as const);
    expect(slots.map(([slot]) => slot)).toEqual(expect.arrayContaining(parameters));
  });

  itWhere(DIFFERENTIATED.has(name), "gives every parameter a gradient that is not zero", async () => {
    const step = composed();
    const parameters = parametersOf(createModel(name, { input: shape })).map((value) => value.name ?? "");
    const slots = step.slots.map(({ value }) => [value.name ?? "", value.tensor] as const);
    const stored: Record<string, Tensor> = {};
    for (const [slot, content] of slots) if (content) stored[slot] = content;
    const noise = step.graph.inputs.filter(({ name: port }) => port?.startsWith("noise."));
    for (const input of noise) stored[input.name ?? ""] = uniformNoise(knownShape(input));
    const results = await executeGraph(lower(step.graph), {
      ...stored,
      images: randomImages(batch, shape),
      labels: tensor([batch], [0, classes - 1], "int64"),
      learning_rate: tensor([], [1]),
    });
    expect(Number.isFinite(results.loss.data[0])).toBe(true);
    for (const parameter of parameters) {
      const before = stored[parameter].data as Float32Array;
      const after = results[`next/${parameter}`].data as Float32Array;
      expect(
        after.some((value, i) => value !== before[i]),
        parameter,
      ).toBe(true);
      expect(after.every(Number.isFinite), parameter).toBe(true);
    }
  });

  itWhere(registry[name].se !== undefined, "differs from its plain twin in its SE blocks only", () => {
    const twin = name.replace(/se(?!.*se)/, "");
    const [plain, withSE] = [storedOf(createModel(name, { se: false })), storedOf(createModel(name))];
    const blocks = [...withSE.keys()].filter((key) => !plain.has(key));
    expect(blocks.length).toBeGreaterThan(0);
    expect([...withSE.keys()].filter((key) => plain.has(key))).toEqual([...plain.keys()]);
    for (const [key, { shape }] of plain) expect(withSE.get(key)?.shape, key).toEqual(shape);
    if (twin !== name && registry[twin])
      expect(shapesOf(storedOf(createModel(twin)))).toEqual(shapesOf(plain));
    if (!CIFAR.test(name)) return;
    for (const [key, { tensor: own }] of plain) expect(withSE.get(key)?.tensor?.data, key).toEqual(own?.data);
  });
});

function storedOf(graph: Graph): Map<string, Value> {
  return new Map([...parametersOf(graph), ...statesOf(graph)].map((value) => [value.name ?? "", value]));
}

function shapesOf(stored: ReadonlyMap<string, Value>): [string, Shape][] {
  return [...stored].map(([key, { shape }]) => [key, shape]);
}

/** He et al., section 4.2, added up layer by layer for 3×32×32 images and 10 classes. */
function cifarFormula(name: string) {
  const blocks = (Number(/\d+$/.exec(name)?.[0]) - 2) / 6;
  let parameters = 3 * 16 * 9 + 2 * 16 + (64 * 10 + 10);
  let statistics = 2 * 16;
  let macs = 3 * 16 * 9 * 32 * 32 + 64 * 10;
  for (let stage = 0; stage < 3; stage++) {
    const out = 16 * 2 ** stage;
    const pixels = (32 / 2 ** stage) ** 2;
    for (let i = 0; i < blocks; i++) {
      const channels = stage > 0 && i === 0 ? out / 2 : out;
      const weights = channels * out * 9 + out * out * 9 + (channels === out ? 0 : channels * out);
      const norms = channels === out ? 2 : 3;
      parameters += weights + norms * 2 * out;
      statistics += norms * 2 * out;
      macs += weights * pixels;
      if (name.startsWith("se")) {
        const hidden = Math.max(4, out / 16);
        parameters += 2 * out * hidden + out + hidden;
        macs += 2 * out * hidden;
      }
    }
  }
  return { parameters, macs, statistics };
}

describe("against PyTorch", () => {
  it.each(["seresnet20-sgd.json", "adamw.json"])("parameter names, shapes and order of %s", (file) => {
    const golden = readGolden<TrainingGolden>(file);
    const found = parametersOf(createModel(golden.model)).map(({ name, shape }) => [name, shape]);
    expect(found).toEqual(golden.parameters);
  });
});

describe("the reference evaluator", () => {
  it.each(["resnet8", "seresnet8"])("computes what the engine computes: %s", async (name) => {
    const input = [3, 12, 10] as const;
    const graph = createModel(name, { input, seed: 4 });
    const images = randomImages(2, input);
    const found = await executeGraph(graph, { images });
    expectSame(found, evaluate(graph, { images: toRef(images) }), 1e-5);
  });
});

describe("findModel", () => {
  it("finds CIFAR ResNets of any depth 6n + 2", () => {
    for (const [depth, name] of [
      [62, "resnet62"],
      [164, "seresnet164"],
    ] as const) {
      expect(registry[name]).toBeUndefined();
      const { parameters, macs, statistics } = complexity(createModel(name));
      expect({ parameters, macs, statistics }).toEqual(cifarFormula(name));
      expect(findModel(name)?.description).toContain(`ResNet-${depth}`);
    }
    expect(findModel("seresnet1202")?.se).toEqual({ reduction: 16, minimumHidden: 4 });
    for (const name of ["resnet2", "resnet21", "resnet020", "resnet1208", "resnet8x", "xresnet8", "resnet"])
      expect(findModel(name), name).toBeUndefined();
  });

  it("leaves timm's names of ImageNet networks free", () => {
    for (const depth of [26, 200])
      for (const se of ["", "se"]) expect(findModel(`${se}resnet${depth}`), `${se}${depth}`).toBeUndefined();
  });
});
