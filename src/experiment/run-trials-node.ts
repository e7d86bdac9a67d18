import { SenetError } from "../base/errors.ts";
import type { Loader } from "../data/loader/loader-node.ts";
import { checkSpace } from "../files/check-space-node.ts";
import { buildModel } from "../train/build.ts";
import type { EngineChoice } from "../train/engine/engine.ts";
import { prepareRun, train } from "../train/train-node.ts";
import type { TrainEvent } from "../train/train-options.ts";
import type { ExperimentFolder, TrialResult } from "./experiment-folder-node.ts";
import type { PlannedVariant, Trial } from "./trials-node.ts";

export interface RunTrialsOptions {
  readonly loader: Loader;
  /** Threads of the engine. Default: one per core. */
  readonly threads?: number | undefined;
  /** When it fires, the current step is finished, a checkpoint saved, and no more is begun. */
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((trial: Trial, event: TrainEvent) => void) | undefined;
  /** Called with every training that has ended, now or (`earlier`) in an earlier process. */
  readonly onResult?: ((trial: Trial, result: TrialResult, earlier: boolean) => void) | undefined;
}

/**
 * Does what is missing of an experiment: a training whose result is on the disk is not repeated, an unfinished one goes on from its
 * checkpoint. The trainings go seed by seed, so that after a while every variant has been trained once. Equal ones are done once. The
 * engine of the first computes all: what is compared is to differ in nothing else.
 *
 * @returns the results by the trials' ids; undefined when the signal stopped it
 * @throws SenetError as `train`, but for `diverged`, which is a result
 */
export async function runTrials(
  variants: readonly PlannedVariant[],
  folder: ExperimentFolder,
  options: RunTrialsOptions,
): Promise<ReadonlyMap<string, TrialResult> | undefined> {
  const results = new Map<string, TrialResult>();
  let engine: EngineChoice | undefined;
  for (const trial of inOrder(variants)) {
    const earlier = await folder.readResult(trial);
    if (!earlier && options.signal?.aborted) return undefined;
    const result = earlier ?? (await runTrial(trial, folder, options, engine));
    if (!result) return undefined;
    if (!earlier) await folder.writeResult(trial, result);
    results.set(trial.id, result);
    if (result.status === "finished") engine ??= result.engine;
    options.onResult?.(trial, result, earlier !== undefined);
  }
  return results;
}

/** Every training once: the first seed of all variants, then the second. */
export function inOrder(variants: readonly PlannedVariant[]): Trial[] {
  const bySeed = (variants[0]?.trials ?? []).flatMap((_, k) => variants.map(({ trials }) => trials[k]));
  return [...new Map(bySeed.map((trial) => [trial.id, trial])).values()];
}

async function runTrial(
  trial: Trial,
  folder: ExperimentFolder,
  { loader, threads, signal, onEvent }: RunTrialsOptions,
  engine: EngineChoice = trial.config.engine,
): Promise<TrialResult | undefined> {
  const config = { ...trial.config, engine };
  const run = await prepareRun({ config, model: buildModel(config) }, loader);
  await checkSpace(folder.path, run.diskBytes);
  const open = await folder.openRun(trial, run);
  const begun = { ...run, config: { ...run.config, engine: open.config.engine } };
  try {
    const { finished, records } = await train(begun, open, {
      threads,
      signal,
      onEvent: (event) => onEvent?.(trial, event),
    });
    const last = records.at(-1);
    if (!finished || !last) return undefined;
    const seconds = records.reduce((sum, record) => sum + record.seconds, 0);
    const { test, train: onTrain, engine: taken = "onnxruntime" } = last;
    return { status: "finished", test, train: onTrain, engine: taken, seconds };
  } catch (error) {
    if (!(error instanceof SenetError && error.code === "diverged")) throw error;
    return { status: "diverged", message: error.message };
  }
}
