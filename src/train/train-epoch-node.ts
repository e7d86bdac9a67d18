import { median } from "../analysis/latency.ts";
import { writeOnnx } from "../onnx/write-onnx.ts";
import { createSession } from "../runtime/node.ts";
import { buildTrained, normalizationOf } from "./build.ts";
import type { EpochRecord } from "./epoch-record.ts";
import { evaluate } from "./evaluate.ts";
import { type Metrics, metricsOf, newTally, tallyBatch } from "./metrics.ts";
import { checkFinite, diverged, metadata, type Run, saveLast } from "./training-run-node.ts";

/** A checkpoint is written inside an epoch at least this often, so that a killed run loses little. */
const CHECKPOINT_MS = 5 * 60_000;

/** Trains on what is left of the epoch. False when the signal stopped it. */
export async function trainEpoch(run: Run): Promise<boolean> {
  const { config, options, runner, position } = run;
  const { checkpointMs = CHECKPOINT_MS } = options;
  const { batch: batchSize, seed, augment } = config;
  const total = config.epochs * run.batches;
  const batches = options.loader.batches("train", {
    batchSize,
    seed,
    epoch: position.epoch,
    fromBatch: position.batch,
    shuffle: true,
    dropLast: true,
    augment,
    ...normalizationOf(config),
  });
  run.epochStartedAt = performance.now();
  let lapStartedAt = run.epochStartedAt;
  for await (const batch of batches) {
    const learningRate = run.schedule(position.step, total);
    const started = performance.now();
    const { loss, logits } = await runner.run(batch, learningRate, position.step);
    run.stepMs.push(performance.now() - started);
    if (!Number.isFinite(loss)) throw diverged(run, `a finite loss, found ${loss}`, position.step + 1);
    tallyBatch(position.tally, logits, batch.labels);
    position.batch++;
    position.step++;
    run.lapMs.push(performance.now() - lapStartedAt);
    lapStartedAt = performance.now();
    options.onEvent?.({
      type: "step",
      epoch: position.epoch + 1,
      batch: position.batch,
      batches: run.batches,
      step: position.step,
      steps: total,
      train: metricsOf(position.tally),
      learningRate,
      imagesPerSecond: imagesPerSecond(run, run.lapMs.slice(-20)),
    });
    if (options.signal?.aborted) return false;
    if (performance.now() - run.savedAt > checkpointMs) await saveLast(run);
  }
  return true;
}

/** Evaluates, logs and saves; the position moves on to the next epoch. False when the signal stopped it before that. */
export async function closeEpoch(run: Run): Promise<boolean> {
  const { config, folder, position } = run;
  const tensors = run.runner.tensors();
  checkFinite(run, tensors);
  const model = writeOnnx(buildTrained(config, run.options.model, tensors));
  const test = await evaluateModel(model, run);
  if (test === undefined) return false;
  if (!Number.isFinite(test.loss))
    throw diverged(run, `a finite test loss, found ${test.loss}`, position.step);
  const record: EpochRecord = {
    epoch: position.epoch + 1,
    step: position.step,
    learningRate: run.schedule(position.step - 1, config.epochs * run.batches),
    train: metricsOf(position.tally),
    test,
    // A run resumed after the last step of an epoch has no step of its own to time.
    imagesPerSecond: round(imagesPerSecond(run, run.lapMs)),
    stepMs: round(median(run.stepMs)),
    seconds: round((performance.now() - run.epochStartedAt) / 1000),
  };
  const best = position.best === null || test.top1 > position.best.top1;
  if (best) position.best = { epoch: record.epoch, top1: test.top1 };
  run.position = { ...position, epoch: position.epoch + 1, batch: 0, tally: newTally() };
  run.stepMs = [];
  run.lapMs = [];
  run.records.push(record);

  // The checkpoint comes last: whatever is missing when a run is killed before it is made again when the run is resumed.
  await folder.appendLog(record);
  if (best) await folder.save("best", tensors, metadata(run));
  await folder.saveModel(model);
  await saveLast(run);
  run.options.onEvent?.({ type: "epoch", record, best });
  return true;
}

/** Undefined when the signal stopped it. */
async function evaluateModel(model: Uint8Array, { config, options }: Run): Promise<Metrics | undefined> {
  const { input, batch: batchSize, seed } = config;
  const { loader, signal, onEvent } = options;
  const session = await createSession(model, { threads: options.threads });
  try {
    const batches = loader.batches("test", { batchSize, seed, epoch: 0, ...normalizationOf(config) });
    const total = loader.test?.length ?? 0;
    return await evaluate(session, batches, input, {
      onSamples: (done) => onEvent?.({ type: "evaluating", done, total }),
      signal,
    });
  } finally {
    await session.dispose();
  }
}

function imagesPerSecond({ config }: Run, lapMs: readonly number[]): number {
  const total = lapMs.reduce((sum, lap) => sum + lap, 0);
  return (1000 * config.batch * lapMs.length) / total;
}

/** To three decimals: a log is for people too. Not a number (nothing was timed) becomes 0, which JSON has. */
function round(number: number): number {
  return Number.isFinite(number) ? Number(number.toFixed(3)) : 0;
}
