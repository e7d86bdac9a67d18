import { describe, expect, it } from "vitest";
import { blockHere } from "../../../test/support/block-here.ts";
import { evaluate } from "../../../test/support/evaluate.ts";
import {
  type GoldenRun,
  goldenBatch,
  goldenWeights,
  hash32,
  readGolden,
  type TrainingGolden,
} from "../../../test/support/golden.ts";
import { expectSums, goldenSteps, optionsOf, worst } from "../../../test/support/golden-steps.ts";
import { inFloat64 } from "../../../test/support/in-float64.ts";
import { SenetError } from "../../base/errors.ts";
import { randomStream } from "../../base/random.ts";
import { type Graph, parametersOf, statesOf } from "../../ir/graph.ts";
import { createModel } from "../../models/create-model.ts";
import { batchNorm } from "../../nn/batch-norm.ts";
import { conv2d } from "../../nn/conv2d.ts";
import { dropout } from "../../nn/dropout.ts";
import { linear } from "../../nn/linear.ts";
import { globalAveragePool } from "../../nn/pooling.ts";
import { squeezeExcite } from "../../nn/se.ts";
import { writeOnnx } from "../../onnx/write-onnx.ts";
import { newGraph } from "../../ops/new-graph.ts";
import { verify } from "../../ops/verify.ts";
import { compressWeights } from "../../passes/quantization/compress-weights.ts";
import { refTensor, toRef } from "../../reference/ref-tensor.ts";
import { createSession } from "../../runtime/node.ts";
import type { Session } from "../../runtime/session.ts";
import { adamW, sgd } from "./optimizers.ts";
import { createStepRunner, type StepBatch } from "./step-runner.ts";
import { composeTrainStep, type TrainStep, type TrainStepOptions, trainStep } from "./train-step.ts";

async function load(step: TrainStep): Promise<Session> {
  return await createSession(writeOnnx(step.graph), { threads: 2 });
}

/** The golden steps on the reference evaluator, in float64 and before lowering. */
function trainOnReference(model: Graph, golden: GoldenRun): number[] {
  const { graph, slots } = composeTrainStep(model, optionsOf(golden));
  const weights = goldenWeights(model);
  let state = Object.fromEntries(
    slots.map(({ value: { name = "", tensor: initial } }) => {
      const start = weights.get(name) ?? initial;
      if (!start) throw new Error(`${name} has no start`);
      return [name, toRef(start)];
    }),
  );
  return golden.losses.map((_, t) => {
    const { images, labels } = goldenBatch(t, golden);
    const outputs = evaluate(graph, {
      ...state,
      images: refTensor([golden.batch, 3, golden.size, golden.size], Float64Array.from(images)),
      labels: refTensor([golden.batch], Float64Array.from(labels, Number)),
      learning_rate: refTensor([], [golden.lr]),
    });
    state = Object.fromEntries(Object.keys(state).map((name) => [name, outputs[`next/${name}`]]));
    return outputs.loss.data[0];
  });
}

/** The golden steps on the engine. */
async function trainOnEngine(model: Graph, golden: GoldenRun, block: number | undefined) {
  const step = trainStep(model, optionsOf(golden), block);
  const start = goldenWeights(model);
  await using runner = createStepRunner(await load(step), step, { seed: 0, start });
  return await goldenSteps(runner, golden);
}

describe.each(["seresnet20-sgd.json", "adamw.json"])("10 steps of PyTorch's, %s", (file) => {
  const golden = readGolden<TrainingGolden>(file);
  const modelFor = ({ size }: GoldenRun) => createModel(golden.model, { input: [3, size, size] });

  it("starts from the same numbers", () => {
    for (const [k, hashes] of Object.entries(golden.firstHashes)) {
      expect(hashes.map((_, i) => hash32(Number(k), i))).toEqual(hashes);
    }
    const names = [...goldenWeights(createModel(golden.model))].map(([name, { shape }]) => [name, shape]);
    expect(names).toEqual(golden.parameters);
  });

  it("equals them to the last digits in float64", { timeout: 120_000 }, () => {
    expect(
      worst(trainOnReference(modelFor(golden.reference), golden.reference), golden.reference),
    ).toBeLessThan(1e-9);
  });

  const variants = [["plain convolutions", false] as const, ["NCHWc convolutions", true] as const];
  it.for(variants)(
    "equals them to 1e-4 on the engine, %s",
    { timeout: 120_000 },
    async ([_, inNchwc], context) => {
      const block = inNchwc ? await blockHere(context) : undefined;
      const { losses, tensors } = await trainOnEngine(modelFor(golden.engine), golden.engine, block);
      expect(worst(losses, golden.engine)).toBeLessThanOrEqual(1e-4);
      expectSums(tensors, golden.engine);
    },
  );
});

/** A small network with everything that a step has to know: BatchNorm, SE, dropout if asked. */
function smallNet(ratio = 0): Graph {
  const b = newGraph("small", { seed: 3 });
  const images = b.input("images", "float32", ["N", 2, 5, 5]);
  const y = b.op("Relu", [batchNorm(b, "bn", conv2d(b, "conv", images, { out: 4, kernel: 3 }))]);
  const features = b.op("Flatten", [globalAveragePool(b, squeezeExcite(b, "se", y, { minimumHidden: 2 }))]);
  b.output("logits", linear(b, "fc", ratio > 0 ? dropout(b, features, ratio) : features, { out: 3 }));
  return b.build();
}

const BATCH = 6;

function smallBatch(t: number): StepBatch {
  const random = randomStream(5, t);
  return {
    images: Float32Array.from({ length: BATCH * 2 * 25 }, () => 2 * random() - 1),
    labels: BigInt64Array.from({ length: BATCH }, (_, i) => BigInt((i + t) % 3)),
  };
}

/** Gradient descent without momentum or decay at rate 1: a step subtracts exactly the gradient. */
const descent = sgd({ momentum: 0, weightDecay: 0 });

async function runSmall(
  options: Partial<TrainStepOptions>,
  {
    steps = 1,
    ratio = 0,
    seed = 0,
    lr = 1,
  }: { steps?: number; ratio?: number; seed?: number; lr?: number } = {},
) {
  const model = smallNet(ratio);
  const step = trainStep(model, { batch: BATCH, optimizer: descent, ...options });
  verify(step.graph);
  const session = await load(step);
  const runner = createStepRunner(session, step, { seed });
  const history: { loss: number; logits: number[]; tensors: Map<string, number[]> }[] = [];
  const snapshot = async () => {
    return new Map([...(await runner.tensors())].map(([name, { data }]) => [name, Array.from(data, Number)]));
  };
  const start = await snapshot();
  for (let t = 0; t < steps; t++) {
    const { loss, logits } = await runner.run(smallBatch(t), lr, t);
    history.push({ loss, logits: Array.from(logits), tensors: await snapshot() });
  }
  await runner.dispose();
  return { model, step, start, history };
}

/** What one step subtracted from the parameters, all in one list. */
function movement(model: Graph, start: Map<string, number[]>, end: Map<string, number[]>): number[] {
  return parametersOf(model).flatMap(({ name = "" }) => {
    const after = end.get(name) ?? [];
    return (start.get(name) ?? []).map((value, i) => value - after[i]);
  });
}

const norm = (values: readonly number[]) => Math.hypot(...values);

function expectAllClose(found: readonly number[], expected: readonly number[], tolerance: number): void {
  expect(found.length).toBe(expected.length);
  found.forEach((value, i) => {
    expect(Math.abs(value - expected[i])).toBeLessThanOrEqual(tolerance);
  });
}

describe("the step's options against plain computations", () => {
  it("clipNorm shortens all gradients together", async () => {
    const free = await runSmall({});
    const gradient = movement(free.model, free.start, free.history[0].tensors);
    const limit = norm(gradient) / 3;
    const clipped = await runSmall({ clipNorm: limit });
    const found = movement(clipped.model, clipped.start, clipped.history[0].tensors);
    const factor = limit / (norm(gradient) + 1e-6);
    expectAllClose(
      found,
      gradient.map((g) => g * factor),
      1e-6,
    );
    expect(norm(found)).toBeCloseTo(limit, 5);
  });

  it("clipNorm leaves shorter gradients as they are", async () => {
    const [free, wide] = [await runSmall({}), await runSmall({ clipNorm: 1e6 })];
    expect(wide.history[0].tensors).toEqual(free.history[0].tensors);
  });

  it.each([0, 0.1, 0.3])(
    "the loss is the cross-entropy of the step's logits, smoothed by %f",
    async (smoothing) => {
      const { history } = await runSmall({ labelSmoothing: smoothing });
      const { labels } = smallBatch(0);
      let expected = 0;
      for (let n = 0; n < BATCH; n++) {
        const row = history[0].logits.slice(3 * n, 3 * n + 3);
        const logSum = Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0));
        row.forEach((x, k) => {
          const target = (k === Number(labels[n]) ? 1 - smoothing : 0) + smoothing / 3;
          expected -= (target * (x - logSum)) / BATCH;
        });
      }
      expect(history[0].loss).toBeCloseTo(expected, 6);
    },
  );

  it("ema follows parameters and running statistics", async () => {
    const { model, start, history, step } = await runSmall({ ema: 0.75 }, { steps: 3, lr: 0.1 });
    const tracked = [...parametersOf(model), ...statesOf(model)].map(({ name = "" }) => name);
    expect(tracked).toContain("bn.running_var");
    expect(step.slots.filter(({ value }) => value.name?.startsWith("ema/")).length).toBe(tracked.length);
    for (const name of tracked) {
      let average = start.get(name) ?? [];
      expect(start.get(`ema/${name}`)).toEqual(average);
      for (const { tensors } of history) {
        const fresh = tensors.get(name) ?? [];
        average = average.map((old, i) => 0.75 * old + 0.25 * fresh[i]);
        expectAllClose(tensors.get(`ema/${name}`) ?? [], average, 1e-6);
      }
    }
  });

  it("running statistics take a tenth of the batch's, the variance unbiased", async () => {
    const b = newGraph("normalize");
    const images = b.input("images", "float32", ["N", 2, 5, 5]);
    b.output("logits", b.op("Flatten", [globalAveragePool(b, batchNorm(b, "bn", images))]));
    const step = trainStep(b.build(), { batch: BATCH, optimizer: descent });
    const session = await load(step);
    const runner = createStepRunner(session, step, { seed: 0 });
    const { images: pixels, labels } = smallBatch(0);
    await runner.run({ images: pixels, labels: labels.map((label) => label % 2n) }, 0, 0);
    const tensors = await runner.tensors();
    await runner.dispose();
    for (const channel of [0, 1]) {
      const values = Array.from(pixels).filter((_, i) => Math.floor(i / 25) % 2 === channel);
      const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
      const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (values.length - 1);
      expect(tensors.get("bn.running_mean")?.data[channel]).toBeCloseTo(0.1 * mean, 6);
      expect(tensors.get("bn.running_var")?.data[channel]).toBeCloseTo(0.9 + 0.1 * variance, 6);
    }
  });

  it("dropout drops where its noise is below the ratio, and scales the rest", async () => {
    const b = newGraph("drop", { seed: 1 });
    const images = b.input("images", "float32", ["N", 2, 5, 5]);
    b.output("logits", linear(b, "fc", dropout(b, b.op("Flatten", [images]), 0.25), { out: 3 }));
    const step = trainStep(b.build(), { batch: BATCH, optimizer: descent });
    const session = await load(step);
    const runner = createStepRunner(session, step, { seed: 11 });
    const before = new Map(
      [...(await runner.tensors())].map(([name, { data }]) => [name, Array.from(data, Number)]),
    );
    const batch = smallBatch(0);
    const { logits } = await runner.run(batch, 1, 4);
    await session.dispose();

    const random = randomStream(11, 0xd0, 4, 0);
    const kept = Array.from(batch.images, (pixel) => (random() >= 0.25 ? pixel / 0.75 : 0));
    expect(kept.filter((pixel) => pixel === 0).length).toBeGreaterThan(40);
    const [weight = [], bias = []] = [before.get("fc.weight"), before.get("fc.bias")];
    const expected = Array.from({ length: BATCH * 3 }, (_, i) => {
      const [n, k] = [Math.floor(i / 3), i % 3];
      return kept.slice(50 * n, 50 * n + 50).reduce((sum, x, j) => sum + x * weight[50 * k + j], bias[k]);
    });
    expectAllClose(Array.from(logits), expected, 1e-5);
  });
});

describe("step runner", () => {
  const options = { optimizer: adamW(), ema: 0.9, labelSmoothing: 0.1, clipNorm: 1 };
  const steps = { steps: 4, ratio: 0.5, lr: 0.01 };

  it("gives the same bits for the same seed, others for another", async () => {
    const first = await runSmall(options, { ...steps, seed: 7 });
    const second = await runSmall(options, { ...steps, seed: 7 });
    expect(second.history).toEqual(first.history);
    const other = await runSmall(options, { ...steps, seed: 8 });
    expect(other.history[0].logits).not.toEqual(first.history[0].logits);
    expect(other.start).toEqual(first.start);
  });

  it("continues exactly from its tensors", async () => {
    const step = trainStep(smallNet(0.5), { batch: BATCH, ...options });
    const session = await load(step);
    const whole = createStepRunner(session, step, { seed: 7 });
    for (const t of [0, 1]) await whole.run(smallBatch(t), 0.01, t);
    const saved = new Map(
      [...(await whole.tensors())].map(([name, kept]) => [name, { ...kept, data: kept.data.slice() }]),
    );

    const resumed = createStepRunner(session, step, { seed: 7, start: saved });
    for (const t of [2, 3, 4]) {
      const [expected, found] = [
        await whole.run(smallBatch(t), 0.01, t),
        await resumed.run(smallBatch(t), 0.01, t),
      ];
      expect(found.loss).toBe(expected.loss);
      expect(await resumed.tensors()).toEqual(await whole.tensors());
    }
    // Its start is copied, not used up.
    expect(saved.get("beta1_power")?.data[0]).toBeCloseTo(0.81, 6);
    await session.dispose();
  });

  it("carries every parameter, statistic, momentum and average", async () => {
    const { step, model } = await runSmall({ optimizer: sgd(), ema: 0.9 });
    const stored = [...parametersOf(model), ...statesOf(model)].map(({ name }) => name);
    const momenta = parametersOf(model).map(({ name }) => `momentum/${name}`);
    const averages = stored.map((name) => `ema/${name}`);
    const names = step.slots.map(({ value }) => value.name ?? "");
    expect([...names].sort()).toEqual([...stored, ...momenta, ...averages].sort());
    expect(step.graph.inputs.map(({ name }) => name).sort()).toEqual(
      ["images", "labels", "learning_rate", ...names].sort(),
    );
    expect(step.graph.outputs.map(({ name }) => name).sort()).toEqual(
      ["loss", "logits", ...names.map((name) => `next/${name}`)].sort(),
    );
  });
});

describe("composeTrainStep", () => {
  it("is one verified graph with a loss", () => {
    const { graph } = composeTrainStep(smallNet(0.5), { batch: BATCH, optimizer: sgd() });
    verify(graph);
    expect(graph.outputs[0].value.shape).toEqual([]);
    expect(graph.nodes.some(({ op }) => op === "ConvGradWeight")).toBe(true);
  });

  it.each([
    [128, 32],
    [127, 32],
    [254, 32],
    [64, 96],
  ])("stays of a size the engine can load: batch %i, side %i", (batch, size) => {
    const { graph } = trainStep(createModel("seresnet20", { input: [3, size, size] }), {
      batch,
      optimizer: sgd(),
    });
    expect(graph.nodes.length).toBeLessThan(8000);
  });

  it("refuses a network built for another batch", () => {
    const fixed = createModel("seresnet8", { batch: 1 });
    expect(() => trainStep(fixed, { batch: 8, optimizer: sgd() })).toThrow(
      "Training seresnet8: expected a symbolic batch or one of 8, found 1; build the network with a symbolic batch.",
    );
  });

  it("refuses a network of float64, and one whose weights are stored in halves", () => {
    const refusal = (dtype: string, name: string) =>
      new SenetError(
        "graph",
        `Training seresnet8: expected float32, found ${dtype} in ${name}; convert the network to float32 first (in PyTorch: model.float()).`,
      );
    const net = createModel("seresnet8");
    const step = (model: Graph) => () => trainStep(model, { batch: 2, optimizer: sgd() });
    expect(step(inFloat64(net))).toThrow(refusal("float64", "images"));
    expect(step(compressWeights(net, "fp16"))).toThrow(refusal("float16", "conv1.weight"));
  });

  it.each([0, -1, 1.5, Number.NaN])("refuses a batch of %d", (batch) => {
    expect(() => trainStep(createModel("seresnet8"), { batch, optimizer: sgd() })).toThrow(
      `batch: expected a whole number of at least 1, found ${batch}; correct the option.`,
    );
  });

  it.each([1, -0.1, Number.NaN])("refuses to smooth labels by %d", (labelSmoothing) => {
    expect(() => trainStep(createModel("seresnet8"), { batch: 2, optimizer: sgd(), labelSmoothing })).toThrow(
      `labelSmoothing: expected a share of at least 0 and below 1, found ${labelSmoothing}; correct the option.`,
    );
  });

  it("refuses networks that do not classify images", () => {
    const b = newGraph("odd");
    b.output("y", b.op("Relu", [b.input("x", "float32", ["N", 3])]));
    expect(() => composeTrainStep(b.build(), { batch: 2, optimizer: sgd() })).toThrow(
      "Training odd: expected one input of images [N, C, H, W] and logits [N, classes], found another kind of network; train an image classifier.",
    );
  });
});
