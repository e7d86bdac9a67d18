import { randomStream } from "../src/base/random.ts";
import { createModel } from "../src/models/create-model.ts";
import { createRunner } from "../src/train/engine/create-runner-node.ts";
import type { EngineChoice, TrainEngine } from "../src/train/engine/engine.ts";
import { sgd } from "../src/train/step/optimizers.ts";
import type { StepBatch } from "../src/train/step/step-runner.ts";
import { composeTrainStep } from "../src/train/step/train-step.ts";
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

export interface SenetPeerOptions extends PeerOptions {
  /** Of our training steps. */
  readonly engine: EngineChoice;
}

/** Our training step. */
export interface SenetPeer extends Peer {
  /** What computes it. */
  readonly engine: TrainEngine;
  /** Milliseconds that making what runs it took, from the network on. */
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

/** Our training step on one batch of random images of ten classes, on this thread, so that nothing but the step is timed. */
export async function senetPeer(options: SenetPeerOptions): Promise<SenetPeer> {
  const { model, size, batch, threads, engine: choice } = options;
  const started = performance.now();
  const net = createModel(model, { input: [3, size, size], classes: CLASSES });
  const composed = composeTrainStep(net, { batch, optimizer });
  const { runner, engine } = await createRunner(choice, composed, { seed: 0, threads });
  const sessionMs = performance.now() - started;

  const images = randomBatch(options);
  let index = 0;
  const step = async () => (await runner.run(images, recipe.lr, index++)).loss;
  return {
    name: "senet",
    batch,
    engine,
    sessionMs,
    step,
    run: (count) => timed(count, step),
    stop: () => runner.dispose(),
  };
}
