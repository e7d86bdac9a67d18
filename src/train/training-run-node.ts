import { SenetError } from "../base/errors.ts";
import { type Graph, knownShape, type Value } from "../ir/graph.ts";
import { sizeOf } from "../ir/shape.ts";
import { firstNonFinite, type Tensor } from "../ir/tensor.ts";
import type { Session } from "../runtime/session.ts";
import { buildSchedule } from "./build.ts";
import { checkCheckpoint, checkpointMetadata, type Position } from "./checkpoint.ts";
import type { TrainConfig } from "./config.ts";
import type { EpochRecord } from "./epoch-record.ts";
import { newTally } from "./metrics.ts";
import type { RunFolder } from "./run-folder-node.ts";
import type { Schedule } from "./step/schedules.ts";
import { createStepRunner, type StepRunner } from "./step/step-runner.ts";
import type { TrainStep } from "./step/train-step.ts";
import type { RunSizes, TrainOptions } from "./train-options.ts";

/** The options of a run, its network found. */
export interface RunOptions extends TrainOptions {
  readonly model: Graph;
}

/** All that a running training holds. */
export interface Run {
  readonly config: TrainConfig;
  readonly options: RunOptions;
  readonly folder: RunFolder;
  readonly runner: StepRunner;
  readonly schedule: Schedule;
  /** Per epoch. */
  readonly batches: number;
  readonly records: EpochRecord[];
  position: Position;
  /** Of the steps of this epoch that this process has done: milliseconds of computation, and from end to end. */
  stepMs: number[];
  lapMs: number[];
  epochStartedAt: number;
  savedAt: number;
}

export async function startRun(
  config: TrainConfig,
  options: RunOptions,
  session: Session,
  step: TrainStep,
  batches: number,
): Promise<Run> {
  const folder = await options.openFolder(sizesOf(step, batches));
  const last = await folder.readLast();
  const slots = step.slots.map((slot) => slot.value);
  const position: Position = last
    ? checkCheckpoint(last, config, slots, folder.path)
    : { epoch: 0, batch: 0, step: 0, tally: newTally(), best: null };
  await folder.clean(position.epoch);
  return {
    config,
    options,
    folder,
    runner: createStepRunner(session, step, { seed: config.seed, ...(last && { start: last.tensors }) }),
    schedule: buildSchedule(config, batches),
    batches,
    records: await folder.readLog(),
    position,
    stepMs: [],
    lapMs: [],
    epochStartedAt: performance.now(),
    savedAt: performance.now(),
  };
}

function sizesOf(step: TrainStep, batches: number): RunSizes {
  const numbers = (values: readonly Value[]) =>
    values.reduce((sum, value) => sum + sizeOf(knownShape(value)), 0);
  const slots = step.slots.map(({ value }) => value);
  // Both checkpoints and the model, the one being replaced, and a megabyte for names, log and configuration.
  const diskBytes = 4 * 4 * numbers(slots) + 2 ** 20;
  return { parameters: numbers(slots.filter(({ role }) => role === "parameter")), diskBytes, batches };
}

export async function saveLast(run: Run): Promise<void> {
  const tensors = run.runner.tensors();
  checkFinite(run, tensors);
  await run.folder.save("last", tensors, metadata(run));
  run.savedAt = performance.now();
}

export function metadata({ config, position }: Run): Record<string, string> {
  return checkpointMetadata(config, position);
}

/** A loss may be finite while the update that follows is not; such weights must not replace good ones. */
export function checkFinite(run: Run, tensors: ReadonlyMap<string, Tensor>): void {
  for (const [name, content] of tensors) {
    const found = firstNonFinite(content);
    if (found !== undefined)
      throw diverged(run, `finite weights, found ${found} in ${name}`, run.position.step);
  }
}

export function diverged(
  { config, position, schedule, batches }: Run,
  what: string,
  step: number,
): SenetError {
  const rate = schedule(step - 1, config.epochs * batches).toPrecision(3);
  return new SenetError(
    "diverged",
    `Training ${config.model}: expected ${what} at step ${step} (epoch ${position.epoch + 1}, learning rate ${rate}); lower --lr or set --clip-norm.`,
  );
}
