import { freemem } from "node:os";
import { usageError } from "../../base/errors.ts";
import { disposable } from "../../base/resource.ts";
import { knownShape } from "../../ir/graph.ts";
import type { Tensor } from "../../ir/tensor.ts";
import type { Dnnl } from "../../native/binding/dnnl.ts";
import { DnnlSession } from "../../native/session.ts";
import { physicalCores } from "../../runtime/physical-cores-node.ts";
import { drawNoise, type StepRunner } from "../step/step-runner.ts";
import type { TrainStep } from "../step/train-step.ts";
import type { EngineOptions } from "./engine.ts";
import { openOnednn } from "./open-onednn-node.ts";

/** oneDNN divides by sizes of 32 bits: a longer dimension ends the process. */
const LONGEST = 2 ** 31 - 1;

/** More would be a mistake, and OpenMP would try to start them. */
const MOST_THREADS = 1024;

/**
 * Runs a composed step as primitives of oneDNN, on the calling thread. Every slot stays in oneDNN's memory, and changes there.
 *
 * @throws SenetError `engine` where oneDNN is not installed or has no form for the step; `usage` for a number of threads that makes no sense;
 * RangeError when there is too little memory
 * @example
 * await using runner = await createOnednnRunner(composeTrainStep(net, { batch: 32, optimizer: sgd() }), { seed: 0 });
 * const { loss } = await runner.run({ images, labels }, 0.1, 0);
 */
export async function createOnednnRunner(
  step: TrainStep,
  { seed, start, threads = physicalCores() }: EngineOptions,
): Promise<StepRunner> {
  checkSizes(step);
  checkThreads(threads);
  const library = await openOnednn();
  library.setThreads(threads);
  const session = openSession(library, step, start);
  const slots = step.slots.map(({ value: { name = "", ...value } }) => ({ name, shape: knownShape(value) }));
  const [images, labels, rate] = ["images", "labels", "learning_rate"].map((name) => session.input(name));
  const [loss, logits] = ["loss", "logits"].map((name) => session.output(name));
  const noise = step.noise.map(({ name = "" }) => session.input(name));
  return {
    async run(batch, learningRate, index) {
      images.set(batch.images);
      for (const [i, label] of batch.labels.entries()) labels[i] = Number(label);
      rate[0] = learningRate;
      for (const [i, numbers] of noise.entries()) drawNoise(numbers, { seed, index, i });
      session.run();
      return { loss: loss[0], logits };
    },
    tensors: async () =>
      new Map(
        slots.map(({ name, shape }): [string, Tensor] => {
          return [name, { dtype: "float32", shape, data: session.readState(name) }];
        }),
      ),
    ...disposable(async () => session.dispose()),
  };
}

/** No memory would hold them. */
function checkSizes({ graph }: TrainStep): void {
  for (const { outputs } of graph.nodes) {
    for (const dim of outputs.flatMap(({ shape }) => shape)) {
      if (Number(dim) > LONGEST) throw new RangeError(`Invalid array length ${dim}`);
    }
  }
}

function checkThreads(threads: number): void {
  if (Number.isInteger(threads) && threads >= 1 && threads <= MOST_THREADS) return;
  throw usageError(
    `threads: expected a whole number from 1 to ${MOST_THREADS}, found ${threads}; correct the option.`,
  );
}

function openSession(library: Dnnl, { graph, slots }: TrainStep, start: EngineOptions["start"]): DnnlSession {
  try {
    const session = new DnnlSession(library, graph, freemem());
    for (const { value } of slots) {
      const content = start?.get(value.name ?? "");
      if (content) session.writeState(value.name ?? "", content.data as Float32Array);
    }
    return session;
  } catch (error) {
    library.dispose();
    throw error;
  }
}
