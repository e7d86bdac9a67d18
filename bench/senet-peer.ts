import { randomStream } from "../src/base/random.ts";
import { createModel } from "../src/models/create-model.ts";
import { writeOnnx } from "../src/onnx/write-onnx.ts";
import { createSession } from "../src/runtime/node.ts";
import { probeBlock } from "../src/runtime/probe-block-node.ts";
import { sgd } from "../src/train/step/optimizers.ts";
import { createStepRunner, type StepBatch } from "../src/train/step/step-runner.ts";
import { trainStep } from "../src/train/step/train-step.ts";
import { type Peer, timed } from "./peer.ts";

/** What both sides of a comparison run. */
const sgdOptions = { momentum: 0.9, nesterov: true, weightDecay: 5e-4 } as const;
export const recipe = { lr: 0.01, ...sgdOptions } as const;
export const optimizer = sgd(sgdOptions);

/** As many as torch_step.py takes by default. */
export const CLASSES = 10;

export interface PeerOptions {
  readonly model: string;
  /** Height and width of the images. */
  readonly size: number;
  readonly batch: number;
  readonly threads: number;
}

/** Our training step. */
export interface SenetPeer extends Peer {
  /** Milliseconds that making its session took. */
  readonly sessionMs: number;
  /** One step; the loss before it. */
  step(): Promise<number>;
  stop(): Promise<void>;
}

/** What every step learns from: random images. */
export function randomBatch({ size, batch }: PeerOptions): StepBatch {
  const random = randomStream(1);
  return {
    images: Float32Array.from({ length: batch * 3 * size * size }, () => 2 * random() - 1),
    labels: BigInt64Array.from({ length: batch }, () => BigInt(Math.floor(CLASSES * random()))),
  };
}

/** Our training step on one batch of random images of ten classes. */
export async function senetPeer(options: PeerOptions): Promise<SenetPeer> {
  const { model, size, batch, threads } = options;
  const block = await probeBlock();
  const started = performance.now();
  const compiled = trainStep(
    createModel(model, { input: [3, size, size], classes: CLASSES }),
    { batch, optimizer },
    block,
  );
  const bytes = writeOnnx(compiled.graph);
  const session = await createSession(bytes, { threads });
  const runner = createStepRunner(session, compiled, { seed: 0 });
  const sessionMs = performance.now() - started;

  const images = randomBatch(options);
  let index = 0;
  const step = async () => (await runner.run(images, recipe.lr, index++)).loss;
  return {
    name: "senet",
    batch,
    sessionMs,
    step,
    run: (count) => timed(count, step),
    stop: () => session.dispose(),
  };
}
