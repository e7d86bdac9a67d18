import { SHARE_ENV } from "node:worker_threads";
import { reasonOf, SenetError } from "../../base/errors.ts";
import { disposable } from "../../base/resource.ts";
import { startWorker } from "../../base/start-worker-node.ts";
import { sizeOf } from "../../ir/shape.ts";
import { type StepBatch, type StepRunner, shapeIn } from "../step/step-runner.ts";
import type { TrainStep } from "../step/train-step.ts";
import type { TakenEngine } from "./create-runner-node.ts";
import type { EngineChoice, EngineOptions } from "./engine.ts";
import { isOutOfMemory } from "./is-out-of-memory.ts";
import { StepChannel } from "./step-channel-node.ts";
import {
  buffersOf,
  openRequest,
  type StepBuffers,
  type StepReply,
  type StepRequest,
} from "./step-protocol.ts";

/**
 * Runs training steps in a thread of its own: engines compute on the thread that calls them, and this one stays free for interrupts,
 * progress and whatever else a program does meanwhile. The thread does not keep the process alive by itself.
 *
 * @param engine `auto`: oneDNN, or ONNX Runtime where that is not installed or has no form for the step
 * @param step composed, not lowered
 * @throws SenetError `engine` when the engine refuses the step or is not installed, or finds too little memory; `shape` by `run` for a batch of another size
 * @example
 * const step = composeTrainStep(createModel("seresnet20"), { batch: 128, optimizer: sgd() });
 * await using runner = await openStepRunner("onnxruntime", step, { seed: 0 });
 * const { loss } = await runner.run({ images, labels }, 0.1, 0);
 */
export async function openStepRunner(
  engine: EngineChoice,
  step: TrainStep,
  options: EngineOptions,
): Promise<StepRunner & TakenEngine> {
  // A native library reads the environment of the process; a thread's own would be a copy that it does not see.
  const channel = new StepChannel(startWorker(import.meta.url, "step-worker-node", { env: SHARE_ENV }));
  const ask = asker(channel, step);
  const { taken } = await ask(openRequest(engine, step, options), "ready").catch(async (error) => {
    await channel.close();
    throw error;
  });
  const [batch, ...shape] = shapeIn(step, "images");
  const logits = new Float32Array(sizeOf(shapeIn(step, "logits"))); // the worker has its like already
  /** Undefined while they are with the thread, or lost by an error there. */
  let buffers: StepBuffers | undefined;
  return {
    ...taken,
    async run({ images, labels }, learningRate, index) {
      checkBatch({ images, labels }, batch, shape);
      const sent = buffers ?? newBuffers(batch, shape, logits.length);
      buffers = undefined;
      // The caller's arrays go back to its loader, so they cannot be sent; this is the only copy of a step.
      sent.images.set(images);
      sent.labels.set(labels);
      const request = { type: "run", buffers: sent, learningRate, index } as const;
      const { loss, buffers: back } = await ask(request, "ran", buffersOf(sent));
      buffers = back;
      logits.set(back.logits);
      return { loss, logits };
    },
    tensors: async () => (await ask({ type: "tensors" }, "tensors")).tensors,
    ...disposable(() => channel.close()),
  };
}

/** Requests whose answers have the expected type, and whose errors are sentences. */
function asker(channel: StepChannel, { graph }: TrainStep) {
  const where = `Training ${graph.name.replace(/-step$/, "")}`;
  const [batch] = graph.inputs.find(({ name }) => name === "images")?.shape ?? [];
  return async <T extends StepReply["type"]>(
    request: StepRequest,
    type: T,
    transfer: ArrayBuffer[] = [],
  ): Promise<Extract<StepReply, { type: T }>> => {
    const answer = await channel.ask(request, transfer).catch((error) => {
      throw isOutOfMemory(error) ? tooLarge(where, batch, error) : error;
    });
    if (answer.type === type) return answer as Extract<StepReply, { type: T }>;
    throw new SenetError(
      "engine",
      `${where}: expected "${type}" of its thread, found "${answer.type}"; this is a defect of senet.`,
    );
  };
}

function tooLarge(where: string, batch: unknown, cause: Error): SenetError {
  return new SenetError(
    "engine",
    `${where}: expected memory for steps of ${batch} images, found too little (${reasonOf(cause)}); choose a smaller \`batch\`.`,
    { cause },
  );
}

function newBuffers(batch: number, shape: readonly number[], logits: number): StepBuffers {
  return {
    images: new Float32Array(batch * sizeOf(shape)),
    labels: new BigInt64Array(batch),
    logits: new Float32Array(logits),
  };
}

function checkBatch({ images, labels }: StepBatch, batch: number, shape: readonly number[]): void {
  const numbers = batch * sizeOf(shape);
  if (images.length === numbers && labels.length === batch) return;
  throw new SenetError(
    "shape",
    `Training step: expected ${batch} images of ${shape.join("×")}, ${numbers} numbers, and as many labels, found ${images.length} numbers and ${labels.length} labels; give batches of the step's size.`,
  );
}
