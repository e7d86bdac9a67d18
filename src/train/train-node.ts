import { median } from "../analysis/latency.ts";
import { SenetError } from "../base/errors.ts";
import { batchCount } from "../data/loader/batches.ts";
import type { Loader } from "../data/loader/loader-node.ts";
import { lockFolder } from "../files/lock-folder-node.ts";
import { numbersIn } from "../ir/graph.ts";
import { firstNonFinite, type Tensor } from "../ir/tensor.ts";
import { writeOnnx } from "../onnx/write-onnx.ts";
import { forManyImages } from "../runtime/for-many-images-node.ts";
import { createSession } from "../runtime/node.ts";
import { buildSchedule, buildStep, buildTrained, normalizationOf } from "./build.ts";
import { checkCheckpoint, checkpointMetadata, configOf, type Position } from "./checkpoint.ts";
import type { Run } from "./configure-run-node.ts";
import type { TakenEngine } from "./engine/create-runner-node.ts";
import { requireOnednn } from "./engine/open-onednn-node.ts";
import { openStepRunner } from "./engine/open-step-runner-node.ts";
import type { EpochRecord } from "./epoch-record.ts";
import { evaluate } from "./evaluate.ts";
import { type Metrics, metricsOf, newTally, tallyBatch } from "./metrics.ts";
import { checkSameData, placeOf, splitsOf } from "./run-data-node.ts";
import { createRunFolder, type RunFolder } from "./run-folder-node.ts";
import type { Schedule } from "./step/schedules.ts";
import type { StepRunner } from "./step/step-runner.ts";
import type { PreparedRun, TrainOptions, TrainResult } from "./train-options.ts";
import { replacedBy, withEngine } from "./with-engine.ts";

const CHECKPOINT_MS = 5 * 60_000;

/**
 * The training step of a run and its sizes: everything that can be checked and known before something is written.
 *
 * @param run new from `configureRun`, or an earlier one from `RunFolder.readRun`
 * @param loader the run's data, both splits; for an earlier run from `openRunData`
 * @throws SenetError `data` when a split is missing, the batch is larger than the data, or an earlier run began with other data; `usage` when
 * nothing learns; `engine` when the configuration asks for oneDNN, which is not installed
 * @example const prepared = await prepareRun(await configureRun("seresnet20", data), data);
 */
export async function prepareRun(run: Run, loader: Loader): Promise<PreparedRun> {
  const { train } = splitsOf(loader, `Training ${run.config.model}`);
  checkSameData(run.config, loader);
  if (run.config.engine === "onednn") await requireOnednn();
  // It may have moved.
  const path = placeOf(loader.sources.train?.path ?? "");
  const config = { ...run.config, data: { ...run.config.data, path } };
  const batches = batchCount(
    train.length,
    { batchSize: config.batch, dropLast: true },
    loader.sources.train?.path,
  );
  const step = buildStep(config, run.model);
  const slots = step.slots.map(({ value }) => value);
  return {
    ...run,
    config,
    loader,
    step,
    batches,
    parameters: numbersIn(slots.filter(({ role }) => role === "parameter")),
    // Both checkpoints and the model, the one being replaced, and a megabyte for names, log and configuration.
    diskBytes: 4 * 4 * numbersIn(slots) + 2 ** 20,
  };
}

/**
 * Trains a network into a folder, from the beginning or from the folder's checkpoint, writing log, checkpoints and the model as it goes.
 * No other process can train in the folder meanwhile.
 *
 * `best.safetensors` and `last.safetensors` hold the raw weights under their plain names; with `config.ema` also their
 * averages, under `ema/…`, and these are what is evaluated and exported to `model.onnx`.
 *
 * @param folder of `createRunFolder` or `openRunFolder`, or the path of one to be made
 * @throws SenetError `diverged` when the loss is not finite (the last checkpoint stays as it was), `checkpoint` when the folder's is of another
 * run, `file` when something cannot be written, `busy` when another process trains there
 * @example const { records } = await train(prepared, "runs/flowers");
 */
export async function train(
  run: PreparedRun,
  folder: RunFolder | string,
  options: TrainOptions = {},
): Promise<TrainResult> {
  const into = typeof folder === "string" ? await createRunFolder(folder, run) : folder;
  await using _lock = await lockFolder(into.path);
  const { step, config: asked } = run;
  const slots = step.slots.map(({ value }) => value);
  const last = await into.readLast();
  const position = last ? checkCheckpoint(last, asked, slots, into.path) : undefined;
  await into.clean(position?.epoch ?? 0);
  const records = await into.readLog();
  if (position && position.epoch >= asked.epochs) {
    await into.saveConfig({ ...into.config, data: asked.data }); // it may have moved
    return { folder: into, finished: true, records, best: position.best };
  }
  await using runner = await openStepRunner(asked.engine, step, {
    seed: asked.seed,
    start: last?.tensors,
    threads: options.threads,
  });
  const { engine, refusal } = runner;
  const soFar = last && position && { ...configOf(last.metadata, into.path), step: position.step };
  const config = withEngine(asked, engine, soFar);
  if (JSON.stringify(config) !== JSON.stringify(into.config)) await into.saveConfig(config);
  const report = { engine, from: replacedBy(engine, soFar), step: position?.step ?? 0, refusal };
  options.onEvent?.({ type: "engine", ...report });
  const training = new Training({ ...run, config }, into, runner, options, records, position);
  return { folder: into, ...(await training.toEnd()) };
}

/** A running training. */
class Training {
  readonly #run: PreparedRun;
  readonly #folder: RunFolder;
  readonly #runner: StepRunner & TakenEngine;
  readonly #options: TrainOptions;
  readonly #schedule: Schedule;
  /** Of the whole run. */
  readonly #steps: number;
  readonly #records: EpochRecord[];
  #position: Position;
  /** Of the steps of this epoch that this process has done: milliseconds of computation, and from end to end. */
  #stepMs: number[] = [];
  #lapMs: number[] = [];
  #epochStartedAt = 0;
  #savedAt = performance.now();

  constructor(
    run: PreparedRun,
    folder: RunFolder,
    runner: StepRunner & TakenEngine,
    options: TrainOptions,
    records: EpochRecord[],
    position: Position = { epoch: 0, batch: 0, step: 0, tally: newTally(), best: null },
  ) {
    this.#run = run;
    this.#folder = folder;
    this.#runner = runner;
    this.#options = options;
    this.#schedule = buildSchedule(run.config, run.batches);
    this.#steps = run.config.epochs * run.batches;
    this.#records = records;
    this.#position = position;
  }

  /** Trains what is left. When the signal stopped it, all is saved. */
  async toEnd(): Promise<Omit<TrainResult, "folder">> {
    let finished = true;
    while (finished && this.#position.epoch < this.#run.config.epochs) {
      finished = (await this.#trainEpoch()) && (await this.#closeEpoch());
    }
    if (!finished) await this.#saveLast();
    return { finished, records: this.#records, best: this.#position.best };
  }

  /** Trains on what is left of the epoch. False when the signal stopped it. */
  async #trainEpoch(): Promise<boolean> {
    const { config, loader } = this.#run;
    const { signal, checkpointMs = CHECKPOINT_MS } = this.#options;
    const position = this.#position;
    const batches = loader.batches("train", {
      batchSize: config.batch,
      seed: config.seed,
      epoch: position.epoch,
      fromBatch: position.batch,
      shuffle: true,
      dropLast: true,
      augment: config.augment,
      ...normalizationOf(config),
    });
    this.#epochStartedAt = performance.now();
    let lapStartedAt = this.#epochStartedAt;
    for await (const batch of batches) {
      const learningRate = this.#schedule(position.step, this.#steps);
      const started = performance.now();
      const { loss, logits } = await this.#runner.run(batch, learningRate, position.step);
      this.#stepMs.push(performance.now() - started);
      if (!Number.isFinite(loss)) throw this.#diverged(`a finite loss, found ${loss}`, position.step + 1);
      tallyBatch(position.tally, logits, batch.labels);
      position.batch++;
      position.step++;
      this.#lapMs.push(performance.now() - lapStartedAt);
      lapStartedAt = performance.now();
      this.#reportStep(learningRate);
      if (signal?.aborted) return false;
      if (performance.now() - this.#savedAt > checkpointMs) await this.#saveLast();
    }
    return true;
  }

  #reportStep(learningRate: number): void {
    const { epoch, batch, step, tally } = this.#position;
    this.#options.onEvent?.({
      type: "step",
      epoch: epoch + 1,
      batch,
      batches: this.#run.batches,
      step,
      steps: this.#steps,
      train: metricsOf(tally),
      learningRate,
      imagesPerSecond: this.#imagesPerSecond(this.#lapMs.slice(-20)),
    });
  }

  /** Evaluates, logs and saves; the position moves on to the next epoch. False when the signal stopped it before that. */
  async #closeEpoch(): Promise<boolean> {
    const { config } = this.#run;
    const position = this.#position;
    const tensors = await this.#tensors();
    const model = writeOnnx(buildTrained(config, this.#run.model, tensors));
    const test = await this.#evaluate(model);
    if (test === undefined) return false;
    if (!Number.isFinite(test.loss)) {
      throw this.#diverged(`a finite test loss, found ${test.loss}`, position.step);
    }
    const record: EpochRecord = {
      epoch: position.epoch + 1,
      step: position.step,
      learningRate: this.#schedule(position.step - 1, this.#steps),
      train: metricsOf(position.tally),
      test,
      engine: this.#runner.engine,
      // A run resumed after the last step of an epoch has no step of its own to time.
      imagesPerSecond: round(this.#imagesPerSecond(this.#lapMs)),
      stepMs: round(median(this.#stepMs)),
      seconds: round((performance.now() - this.#epochStartedAt) / 1000),
    };
    const isBest = position.best === null || test.top1 > position.best.top1;
    const best = isBest ? { epoch: record.epoch, top1: test.top1 } : position.best;
    this.#position = { ...position, epoch: record.epoch, batch: 0, tally: newTally(), best };
    this.#stepMs = [];
    this.#lapMs = [];
    this.#records.push(record);

    // The checkpoint comes last: whatever is missing when a run is killed before it is made again when the run is resumed.
    await this.#folder.appendLog(record);
    if (isBest) await this.#folder.save("best", tensors, checkpointMetadata(config, this.#position));
    await this.#folder.saveModel(model);
    await this.#saveLast();
    this.#options.onEvent?.({ type: "epoch", record, best: isBest });
    return true;
  }

  /** Undefined when the signal stopped it. */
  async #evaluate(model: Uint8Array): Promise<Metrics | undefined> {
    const { config, loader } = this.#run;
    const { input, batch: batchSize, seed } = config;
    const { threads, signal, onEvent } = this.#options;
    const total = loader.test?.length ?? 0;
    const asBuilt = await createSession(model, { threads });
    await using session = await forManyImages(asBuilt, model, { images: total, threads });
    const batches = loader.batches("test", { batchSize, seed, epoch: 0, ...normalizationOf(config) });
    return await evaluate(session, batches, input, {
      onSamples: (done) => onEvent?.({ type: "evaluating", done, total }),
      signal,
    });
  }

  async #saveLast(): Promise<void> {
    await this.#folder.save(
      "last",
      await this.#tensors(),
      checkpointMetadata(this.#run.config, this.#position),
    );
    this.#savedAt = performance.now();
  }

  /** What is saved. A loss may be finite while the update that follows is not; such weights must not replace good ones. */
  async #tensors(): Promise<ReadonlyMap<string, Tensor>> {
    const tensors = await this.#runner.tensors();
    for (const [name, content] of tensors) {
      const found = firstNonFinite(content);
      if (found === undefined) continue;
      throw this.#diverged(`finite weights, found ${found} in ${name}`, this.#position.step);
    }
    return tensors;
  }

  #diverged(what: string, step: number): SenetError {
    const rate = this.#schedule(step - 1, this.#steps).toPrecision(3);
    return new SenetError(
      "diverged",
      `Training ${this.#run.config.model}: expected ${what} at step ${step} (epoch ${this.#position.epoch + 1}, learning rate ${rate}); lower \`lr\` or set \`clipNorm\`.`,
    );
  }

  #imagesPerSecond(lapMs: readonly number[]): number {
    const total = lapMs.reduce((sum, lap) => sum + lap, 0);
    return (1000 * this.#run.config.batch * lapMs.length) / total;
  }
}

/** To three decimals: a log is for people too. Not a number (nothing was timed) becomes 0, which JSON has. */
function round(number: number): number {
  return Number.isFinite(number) ? Number(number.toFixed(3)) : 0;
}
