import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { messageOf } from "../../../test/support/data-fixtures.ts";
import { needsEngine } from "../../../test/support/needs-engine.ts";
import { smallNet } from "../../../test/support/small-net.ts";
import { createModel } from "../../models/create-model.ts";
import { adamW, sgd } from "../step/optimizers.ts";
import { randomBatch } from "../step/random-batch.ts";
import type { StepRunner } from "../step/step-runner.ts";
import { composeTrainStep, type TrainStep } from "../step/train-step.ts";
import { createRunner } from "./create-runner-node.ts";
import { engineNames } from "./engine.ts";
import { isOutOfMemory } from "./is-out-of-memory.ts";
import { openStepRunner } from "./open-step-runner-node.ts";
import { StepChannel } from "./step-channel-node.ts";
import { openRequest } from "./step-protocol.ts";

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const action of cleanUp.splice(0)) await action();
});
function keep<T extends StepRunner>(runner: T): T {
  cleanUp.push(() => runner.dispose());
  return runner;
}
const open = async (...args: Parameters<typeof openStepRunner>) => keep(await openStepRunner(...args));

/** With dropout, averages and momenta: everything that a step may read and write. */
const small = (batch = 4): TrainStep =>
  composeTrainStep(smallNet(), { batch, optimizer: adamW(), ema: 0.9, clipNorm: 1 });

describe.each(engineNames)("a step runner in a thread: %s", (engine) => {
  beforeEach((context) => needsEngine(context, engine));

  it("computes the same bits as on the calling thread, also from where another stopped", async () => {
    const step = small();
    const batch = randomBatch(step);
    const here = keep((await createRunner(engine, step, { seed: 3, threads: 1 })).runner);
    const there = await open(engine, step, { seed: 3, threads: 1 });
    const both = async (other: StepRunner, index: number) => {
      const [expected, found] = [await here.run(batch, 0.01, index), await other.run(batch, 0.01, index)];
      expect(found).toEqual(expected);
      expect(await other.tensors()).toEqual(await here.tensors());
    };
    for (const index of [0, 1]) await both(there, index);
    await both(await open(engine, step, { seed: 3, threads: 1, start: await there.tensors() }), 2);
  });

  it("leaves a batch as it is, and the loader may take it back", async () => {
    const step = small();
    const runner = await open(engine, step, { seed: 0 });
    const { images, labels } = randomBatch(step);
    const before = images.slice();
    const first = await runner.run({ images, labels }, 0, 0);
    expect(images).toEqual(before);
    structuredClone(null, { transfer: [images.buffer, labels.buffer] as ArrayBuffer[] });
    expect((await runner.run(randomBatch(step), 0, 0)).loss).toBe(first.loss);
  });

  it("lets the main thread go on during a step", async () => {
    const step = composeTrainStep(createModel("seresnet20"), { batch: 64, optimizer: sgd() });
    const runner = await open(engine, step, { seed: 0 });
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    cleanUp.push(() => clearInterval(timer));
    await runner.run(randomBatch(step), 0, 0);
    expect(ticks).toBeGreaterThan(3);
  });

  it("answers requests in their order, and those before the end", async () => {
    const step = small();
    const runner = await open(engine, step, { seed: 0 });
    const batch = randomBatch(step);
    const results = [runner.run(batch, 0.1, 0), runner.run(batch, 0.1, 1), runner.tensors()] as const;
    await Promise.all([runner.dispose(), runner.dispose()]);
    const [{ loss }, second, tensors] = await Promise.all(results);
    expect(second.loss).not.toBe(loss);
    expect(tensors.size).toBe(step.slots.length);
    const over = "engine: The runner of training steps is disposed and cannot run; open another one.";
    expect(await messageOf(() => runner.run(batch, 0.1, 2))).toBe(over);
    expect(await messageOf(() => runner.tensors())).toBe(over);
  });
});

it("is sent a network of any depth, whose values are one where they were one", () => {
  const model = createModel("resnet1202", { input: [1, 8, 8], classes: 3 });
  const sent = openRequest("onnxruntime", composeTrainStep(model, { batch: 1, optimizer: sgd() }), {
    seed: 0,
  });
  const { step, nodes } = structuredClone(sent);
  expect(step.graph.nodes.length).toBeGreaterThan(30_000);
  expect(step.graph.nodes.every((node, i) => node === nodes[i])).toBe(true);
  const inputs = new Set(step.graph.inputs);
  expect(step.slots.every(({ value }) => inputs.has(value))).toBe(true);
});

it("what is asked for by name is not replaced, `auto` says why", async () => {
  const step = small();
  vi.stubEnv("SENET_ONEDNN", fileURLToPath(import.meta.url));
  cleanUp.push(() => vi.unstubAllEnvs());
  const refusal = await messageOf(() => openStepRunner("onednn", step, { seed: 0 }));
  expect(refusal).toMatch(/^engine: .*oneDNN/);
  const taken = await open("auto", step, { seed: 0 });
  expect(taken).toMatchObject({ engine: "onnxruntime", refusal: refusal.replace("engine: ", "") });
});

describe("errors arrive as sentences", () => {
  it("of the engine, with their code", async () => {
    const threads = -1;
    expect(await messageOf(() => openStepRunner("onnxruntime", small(), { seed: 0, threads }))).toBe(
      "usage: Session threads: expected a whole number from 1, found -1; correct it.",
    );
  });

  it.for(engineNames)("of memory, with what to do: %s", async (engine, context) => {
    await needsEngine(context, engine);
    // More numbers than an array can have.
    const step = composeTrainStep(smallNet(), { batch: 2 ** 40, optimizer: sgd() });
    expect(await messageOf(() => openStepRunner(engine, step, { seed: 0 }))).toMatch(
      /^engine: Training small: expected memory for steps of 1099511627776 images, found too little \(.+\); choose a smaller `batch`\.$/,
    );
  });

  it("of a thread whose heap is full", async () => {
    const heap =
      'require("node:worker_threads").parentPort.on("message", () => { for (const all = []; ; ) all.push({}, [1]); })';
    const channel = new StepChannel(
      new Worker(heap, { eval: true, resourceLimits: { maxOldGenerationSizeMb: 16 } }),
    );
    const error = await channel.ask({ type: "tensors" }).catch((error) => error);
    expect(isOutOfMemory(error), error.message).toBe(true);
    await channel.close();
  });

  it("of a batch of another size, before anything is computed", async () => {
    const runner = await open("onnxruntime", small(), { seed: 0 });
    const { images, labels } = randomBatch(small(3));
    expect(await messageOf(() => runner.run({ images, labels }, 0.1, 0))).toBe(
      "shape: Training step: expected 4 images of 2×8×8, 512 numbers, and as many labels, found 384 numbers and 3 labels; give batches of the step's size.",
    );
    await runner.run(randomBatch(small()), 0.1, 0);
  });
});

it("a process that forgets to dispose of its runner still ends, also at once after a step", async () => {
  const at = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
  const script = `
    import { createModel } from ${at("../../models/create-model.ts")};
    import { sgd } from ${at("../step/optimizers.ts")};
    import { randomBatch } from ${at("../step/random-batch.ts")};
    import { composeTrainStep } from ${at("../step/train-step.ts")};
    import { openStepRunner } from ${at("./open-step-runner-node.ts")};
    const step = composeTrainStep(createModel("seresnet8"), { batch: 4, optimizer: sgd() });
    const runner = await openStepRunner("onnxruntime", step, { seed: 0 });
    console.log(Number.isFinite((await runner.run(randomBatch(step), 0.1, 0)).loss));
  `;
  const root = fileURLToPath(new URL("../../..", import.meta.url));
  const args = ["--import", "tsx", "--input-type=module", "-e", script];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root, timeout: 60_000 });
  expect(stdout).toBe("true\n");
});
