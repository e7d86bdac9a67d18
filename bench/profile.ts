import { createModel } from "../src/models/create-model.ts";
import { DnnlSession } from "../src/native/session.ts";
import { openOnednn } from "../src/train/engine/open-onednn-node.ts";
import { composeTrainStep } from "../src/train/step/train-step.ts";
import { round } from "./round.ts";
import { CLASSES, optimizer, type PeerOptions, randomBatch } from "./senet-peer.ts";

interface Options extends PeerOptions {
  readonly steps: number;
  readonly json?: boolean;
}

/** Where the time of a training step on oneDNN goes: milliseconds, calls and kernels by operator, and the reorders between layouts apart. */
export async function benchProfile(options: Options): Promise<void> {
  const { model, size, batch, threads, steps } = options;
  const library = await openOnednn();
  library.setThreads(threads);
  const net = createModel(model, { input: [3, size, size], classes: CLASSES });
  const session = new DnnlSession(library, composeTrainStep(net, { batch, optimizer }).graph);
  const { images, labels } = randomBatch(options);
  session.input("images").set(images);
  session.input("labels").set(Array.from(labels, Number));
  session.run();
  const byKind = new Map<string, { ms: number; calls: number; kernels: Set<string> }>();
  for (let i = 0; i < steps; i++) {
    for (const { name, kernel, ms } of session.program.profile()) {
      const [kind] = name.split(" ");
      const known = byKind.get(kind) ?? { ms: 0, calls: 0, kernels: new Set() };
      byKind.set(kind, known);
      known.ms += ms / steps;
      known.calls += 1 / steps;
      known.kernels.add(kernel);
    }
  }
  session.dispose();
  const operators = [...byKind]
    .sort(([, a], [, b]) => b.ms - a.ms)
    .map(([kind, { ms, calls, kernels }]) => ({
      kind,
      ms: round(ms),
      calls: round(calls),
      kernels: [...kernels],
    }));
  const memoryMiB = round(session.program.bytes / 2 ** 20);
  const result = { model, size, batch, threads, memoryMiB, operators };
  process.stdout.write(`${JSON.stringify(result, null, options.json ? 0 : 2)}\n`);
}
