import { createModel } from "../src/models/create-model.ts";
import { encodeOnnx } from "../src/onnx/encode.ts";
import { operatorTable } from "../src/ops/new-graph.ts";
import { randomStream } from "../src/random.ts";
import { createSession } from "../src/runtime/node.ts";
import { probeBlock } from "../src/runtime/probe-block-node.ts";
import { BRIEFLY } from "../src/runtime/session.ts";
import { sgd } from "../src/train/optimizers.ts";
import { createStepRunner } from "../src/train/step-runner.ts";
import { trainStep } from "../src/train/train-step.ts";

/** Runs a number of training steps and says how many milliseconds each took. */
export type Peer = (steps: number) => Promise<number[]>;

/** What both sides of a comparison run. */
export const recipe = { lr: 0.01, momentum: 0.9, nesterov: true, weightDecay: 5e-4 } as const;

/** As many as torch_step.py takes by default. */
const CLASSES = 10;

export interface PeerOptions {
  readonly model: string;
  /** Height and width of the images. */
  readonly size: number;
  readonly batch: number;
  readonly threads: number;
}

/** Our training step on one batch of random images of ten classes, and how long its session took to make. */
export async function senetPeer({
  model,
  size,
  batch,
  threads,
}: PeerOptions): Promise<{ peer: Peer; sessionMs: number }> {
  const block = await probeBlock();
  const started = performance.now();
  const step = trainStep(
    createModel(model, { input: [3, size, size], classes: CLASSES }),
    { batch, optimizer: sgd(recipe) },
    block,
  );
  const session = await createSession(encodeOnnx(step.graph, operatorTable), { threads, spinning: BRIEFLY });
  const runner = createStepRunner(session, step, { seed: 0 });
  const sessionMs = performance.now() - started;

  const random = randomStream(1);
  const images = Float32Array.from({ length: batch * 3 * size * size }, () => 2 * random() - 1);
  const labels = BigInt64Array.from({ length: batch }, () => BigInt(Math.floor(CLASSES * random())));
  let index = 0;
  const peer: Peer = async (steps) => {
    const ms: number[] = [];
    for (let i = 0; i < steps; i++) {
      const start = performance.now();
      await runner.run({ images, labels }, recipe.lr, index++);
      ms.push(performance.now() - start);
    }
    return ms;
  };
  return { peer, sessionMs };
}
