import { parentPort } from "node:worker_threads";
import { toFailure } from "../../base/failure.ts";
import type { Tensor } from "../../ir/tensor.ts";
import type { StepRunner } from "../step/step-runner.ts";
import { createRunner } from "./create-runner-node.ts";
import { buffersOf, type StepReply, type StepRequest } from "./step-protocol.ts";

let runner: StepRunner | undefined;
let last: Promise<void> = Promise.resolve();

// The thread behind `openStepRunner`: does what it is asked, one request after the other.
parentPort?.on("message", (request: StepRequest) => {
  last = last
    .then(() => answer(request))
    .catch((error) => send({ type: "failed", failure: toFailure(error) }));
});

async function answer(request: StepRequest): Promise<void> {
  if (request.type === "open") {
    const { runner: made, ...taken } = await createRunner(request.engine, request.step, request.options);
    runner = made;
    send({ type: "ready", taken });
  } else if (request.type === "dispose") {
    await runner?.dispose();
    send({ type: "disposed" });
  } else if (runner === undefined) {
    throw new Error(`expected a runner before "${request.type}"`);
  } else if (request.type === "run") {
    const { buffers, learningRate, index } = request;
    const { loss, logits } = await runner.run(buffers, learningRate, index);
    buffers.logits.set(logits);
    send({ type: "ran", loss, buffers }, buffersOf(buffers));
  } else {
    // Copies, as the runner's own memory is written again at the next step; these are handed over.
    const tensors = new Map([...(await runner.tensors())].map(([name, kept]) => [name, copyOf(kept)]));
    send({ type: "tensors", tensors }, [...tensors.values()].map(bufferOf));
  }
}

function copyOf(tensor: Tensor): Tensor {
  return { ...tensor, data: tensor.data.slice() };
}

function bufferOf({ data }: Tensor): ArrayBuffer {
  return data.buffer as ArrayBuffer;
}

function send(reply: StepReply, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(reply, transfer);
}
