import { addCounts, nodeCosts } from "../src/analysis/node-cost.ts";
import { createModel } from "../src/models/create-model.ts";
import { newGraph } from "../src/ops/new-graph.ts";
import { probeBlock } from "../src/runtime/probe-block-node.ts";
import { type TimedModel, timeModels } from "../src/runtime/time-models-node.ts";
import { timedStep } from "../src/train/step/timed-step.ts";
import { composeTrainStep, type TrainStep, trainStep } from "../src/train/step/train-step.ts";
import { type OutputOptions, progressFor } from "./output.ts";
import { round } from "./round.ts";
import { CLASSES, optimizer, type PeerOptions } from "./senet-peer.ts";

interface Options extends PeerOptions, OutputOptions {
  readonly rounds: number;
}

/** Rows and columns of a product that shows a processor's rate. */
const MATRIX = 1536;

/** Elements of a sum whose terms are in no cache. */
const LONG = 2 ** 25;

/**
 * The lower bound of a training step on this machine: its multiplications at the rate of a large matrix product, and its bytes at
 * that of a large sum, where each node of the composed step (one a gradient) reads its inputs and writes its outputs once. Printed
 * beside it: the bytes of the nodes of the lowered step.
 */
export async function benchFloor(options: Options): Promise<void> {
  const { model, size, batch, threads, rounds } = options;
  const progress = progressFor(options);
  const net = createModel(model, { input: [3, size, size], classes: CLASSES });
  const training = { batch, optimizer };
  const countsOf = ({ graph }: TrainStep) => addCounts(nodeCosts(graph, new Set()));
  const { macs, bytesMoved } = countsOf(composeTrainStep(net, training));
  const lowered = trainStep(net, training, await probeBlock());
  const models = [
    timedStep("step", lowered),
    operation("MatMul", [MATRIX, MATRIX]),
    operation("Add", [LONG]),
  ];
  const onRound = (done: number) => progress.update(() => `round ${done} of ${rounds}`);
  const [step, product, sum] = await timeModels(models, { rounds, warmup: 3, threads, onRound });
  progress.end();
  const gigaflopsPerSecond = (2 * MATRIX ** 3) / product.median / 1e6;
  const gigabytesPerSecond = (3 * 4 * LONG) / sum.median / 1e6;
  const arithmeticMs = (2 * macs) / gigaflopsPerSecond / 1e6;
  const memoryMs = bytesMoved / gigabytesPerSecond / 1e6;
  const figures = {
    gigaflops: (2 * macs) / 1e9,
    gigabytes: bytesMoved / 1e9,
    gigabytesOnceLowered: countsOf(lowered).bytesMoved / 1e9,
    gigaflopsPerSecond,
    gigabytesPerSecond,
    arithmeticMs,
    memoryMs,
    stepMs: step.median,
    ratio: step.median / (arithmeticMs + memoryMs),
  };
  const rounded = Object.entries(figures).map(([name, figure]) => [name, round(figure)]);
  const result = { model, size, batch, threads, ...Object.fromEntries(rounded) };
  process.stdout.write(`${JSON.stringify(result, null, options.json ? 0 : 2)}\n`);
}

/** One element of x op y: all of it is computed, and little is copied out. */
function operation(op: "MatMul" | "Add", shape: readonly number[]): TimedModel {
  const b = newGraph(op);
  const result = b.op(op, [b.input("x", "float32", shape), b.input("y", "float32", shape)]);
  b.output("z", b.op("Slice", [result, ...[[0], [1], [0]].map((numbers) => b.constant(numbers))]));
  return { name: op, model: b.build() };
}
