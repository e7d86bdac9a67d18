import { describe, expect, it } from "vitest";
import { expectSame } from "../../test/support/compare.ts";
import { readGolden, type TrainingGolden } from "../../test/support/golden.ts";
import { complexity } from "../analysis/complexity.ts";
import { SenetError } from "../errors.ts";
import { type Graph, parametersOf, statesOf } from "../ir/graph.ts";
import { sizeOf } from "../ir/shape.ts";
import { type Tensor, tensor } from "../ir/tensor.ts";
import { verify } from "../ir/verify.ts";
import { encodeOnnx } from "../onnx/encode.ts";
import { operatorTable } from "../ops/new-graph.ts";
import { lower } from "../passes/lower/lower.ts";
import { normal, randomStream } from "../random.ts";
import { evaluate, toRef } from "../reference/evaluate.ts";
import { executeGraph } from "../runtime/execute-graph-node.ts";
import { createSession } from "../runtime/node.ts";
import { sgd } from "../train/optimizers.ts";
import { composeTrainStep } from "../train/train-step.ts";
import { createModel } from "./create-model.ts";
import { findModel, registry } from "./registry.ts";

/** Parameters, and MACs of one image, at the registry's classes and input. A model without a row fails. */
const counts: Readonly<Record<string, readonly [parameters: number, macs: number]>> = {
  resnet8: [78_042, 12_501_632],
  resnet14: [175_258, 26_657_408],
  resnet20: [272_474, 40_813_184],
  resnet32: [466_906, 69_124_736],
  resnet44: [661_338, 97_436_288],
  resnet56: [855_770, 125_747_840],
  resnet110: [1_730_714, 253_149_824],
  seresnet8: [79_062, 12_502_528],
  seresnet14: [177_298, 26_659_200],
  seresnet20: [275_534, 40_815_872],
  seresnet32: [472_006, 69_129_216],
  seresnet44: [668_478, 97_442_560],
  seresnet56: [864_950, 125_755_904],
  seresnet110: [1_749_074, 253_165_952],
};

const names = Object.keys(registry);

function randomImages(batch: number, shape: readonly number[]): Tensor {
  const random = randomStream(1, batch);
  const all = [batch, ...shape];
  return tensor(
    all,
    Float32Array.from({ length: sizeOf(all) }, () => normal(random)),
  );
}

describe.each(names)("%s", (name) => {
  const { input, classes } = registry[name];

  it("builds a verified graph from images to logits", () => {
    const graph = createModel(name);
    verify(graph, operatorTable);
    expect(graph.inputs.map(({ name: port, shape }) => [port, shape])).toEqual([["images", ["N", ...input]]]);
    expect(graph.outputs.map(({ name: port, value }) => [port, value.shape])).toEqual([
      ["logits", ["N", classes]],
    ]);
  });

  it("has the checked-in counts", () => {
    const { parameters, macs } = complexity(createModel(name));
    expect([parameters, macs]).toEqual(counts[name]);
  });

  it("has the counts of a formula of its own", () => {
    const { parameters, macs, statistics } = complexity(createModel(name));
    expect({ parameters, macs, statistics }).toEqual(cifarFormula(name));
  });

  const batch = 2;
  const shape = [input[0], 8, 8] as const;
  const composed = () =>
    // Gradient descent at rate 1 subtracts the gradient itself.
    composeTrainStep(createModel(name, { input: shape }), {
      batch,
      optimizer: sgd({ momentum: 0, weightDecay: 0 }),
    });

  it("updates every parameter in its training step", () => {
    const step = composed();
    verify(step.graph, operatorTable);
    const parameters = parametersOf(createModel(name, { input: shape })).map((value) => value.name ?? "");
    const slots = step.slots.map(({ value }) => [value.name ?? "", value.tensor] as const);
    expect(slots.map(([slot]) => slot)).toEqual(expect.arrayContaining(parameters));
  });

  // The engine needs seconds to load the deepest steps, whose blocks are those of the others.
  it.skipIf(/\d{2,}$/.test(name) && !/(14|20)$/.test(name))(
    "gives every parameter a gradient that is not zero",
    async () => {
      const step = composed();
      const parameters = parametersOf(createModel(name, { input: shape })).map((value) => value.name ?? "");
      const slots = step.slots.map(({ value }) => [value.name ?? "", value.tensor] as const);
      const stored: Record<string, Tensor> = {};
      for (const [slot, content] of slots) if (content) stored[slot] = content;
      const results = await executeGraph(lower(step.graph), operatorTable, {
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
    },
  );

  it("runs in ONNX Runtime at any batch", async () => {
    const session = await createSession(encodeOnnx(createModel(name), operatorTable), { threads: 2 });
    const run = async (batch: number) => (await session.run({ images: randomImages(batch, input) })).logits;
    for (const batch of [1, 3]) {
      const { shape, data } = await run(batch);
      expect(shape).toEqual([batch, classes]);
      expect((data as Float32Array).every(Number.isFinite)).toBe(true);
      expect(new Set(data as Float32Array).size).toBeGreaterThan(1);
    }
    await session.dispose();
  });

  it("differs from its plain twin in its SE blocks only", () => {
    const twin = name.replace(/^se/, "");
    if (!registry[name].se || !registry[twin]) return;
    const [plain, withSE] = [storedOf(createModel(twin)), storedOf(createModel(name))];
    const shared = [...withSE.keys()].filter((key) => !/\.se\./.test(key));
    expect(shared).toEqual([...plain.keys()]);
    expect(withSE.size).toBeGreaterThan(plain.size);
    for (const key of shared) {
      const [own = [], other = []] = [withSE.get(key)?.data, plain.get(key)?.data];
      expect(own.length > 0 && own.every((value, i) => value === other[i]), key).toBe(true);
    }
  });
});

function storedOf(graph: Graph): Map<string, Tensor | undefined> {
  return new Map(
    [...parametersOf(graph), ...statesOf(graph)].map((value) => [value.name ?? "", value.tensor]),
  );
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
    const found = await executeGraph(graph, operatorTable, { images });
    expectSame(found, evaluate(graph, { images: toRef(images) }), 1e-5);
  });
});

describe("createModel", () => {
  it("draws other weights for another seed, the same for the same", () => {
    const first = (seed: number) => parametersOf(createModel("seresnet8", { seed }))[0].tensor?.data;
    expect(first(1)).toEqual(first(1));
    expect(first(1)).not.toEqual(first(2));
  });

  it("takes classes, input, batch and SE options", () => {
    const graph = createModel("seresnet8", {
      classes: 7,
      input: [1, 28, 28],
      batch: 5,
      se: { minimumHidden: 2, bias: false },
    });
    expect(graph.inputs[0].shape).toEqual([5, 1, 28, 28]);
    expect(graph.outputs[0].value.shape).toEqual([5, 7]);
    const shapes = new Map(parametersOf(graph).map(({ name, shape }) => [name, shape]));
    expect(shapes.get("layer1.0.se.fc1.weight")).toEqual([2, 16, 1, 1]);
    expect(shapes.has("layer1.0.se.fc1.bias")).toBe(false);
  });

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
    for (const depth of [26, 50, 152, 200])
      for (const se of ["", "se"]) expect(findModel(`${se}resnet${depth}`), `${se}${depth}`).toBeUndefined();
  });

  it.each<[string, () => unknown, SenetError]>([
    [
      "an ImageNet network's name",
      () => createModel("seresnet50"),
      new SenetError(
        "unknown-name",
        'Model "seresnet50" is timm\'s name of an ImageNet network, which is not available yet; choose a CIFAR depth, such as seresnet56.',
      ),
    ],
    [
      "another depth",
      () => createModel("resnet21"),
      new SenetError(
        "unknown-name",
        'Model "resnet21" is not known: expected a depth of 6n + 2 from 8 to 1202 (8, 14, 20, …), found 21; choose another.',
      ),
    ],
    [
      "an unknown name",
      () => createModel("seresnt20"),
      new SenetError(
        "unknown-name",
        'Model "seresnt20" is not known (did you mean "seresnet20"?); `senet models` lists all.',
      ),
    ],
    [
      "a name that every object has",
      () => createModel("toString"),
      new SenetError("unknown-name", 'Model "toString" is not known; `senet models` lists all.'),
    ],
    [
      "no classes",
      () => createModel("resnet8", { classes: 0 }),
      new SenetError("usage", "Model resnet8: expected a whole number of classes of at least 1, found 0."),
    ],
    [
      "SE options for a plain network",
      () => createModel("resnet8", { se: { reduction: 8 } }),
      new SenetError("usage", "Model resnet8 has no SE blocks to change; choose its SE twin, seresnet8."),
    ],
  ])("refuses %s", (_, attempt, error) => {
    expect(attempt).toThrow(error);
  });
});
