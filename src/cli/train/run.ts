import { basename } from "node:path";
import { SenetError, usageError } from "../../base/errors.ts";
import { grouped, percent, plural } from "../../base/format.ts";
import { openData } from "../../data/loader/loader-node.ts";
import { freeFolders } from "../../files/folders-node.ts";
import {
  checkOverrides,
  configureRun,
  overrideNames,
  type RunOverrides,
} from "../../train/configure-run-node.ts";
import { openOrigin } from "../../train/origin-node.ts";
import { openRunData } from "../../train/run-data-node.ts";
import { createRunFolder, openRunFolder, type RunFolder } from "../../train/run-folder-node.ts";
import { prepareRun, train } from "../../train/train-node.ts";
import type { PreparedRun, TrainResult } from "../../train/train-options.ts";
import { reportWeights, showDownload } from "../shared/apply-weights.ts";
import { checkDataFlags } from "../shared/check-flags.ts";
import type { Run } from "../shared/define-command.ts";
import { catchInterrupt } from "../shared/interrupt.ts";
import { openWithProgress } from "../shared/open-data.ts";
import { printJson, printText } from "../shared/print.ts";
import { createProgress, type Progress, whileWaiting } from "../shared/progress.ts";
import { sePlanOf } from "../shared/se-options.ts";
import type { command, TrainFlags } from "./command.ts";
import { trainingProgress } from "./progress.ts";

/**
 * Options that may accompany --resume: none of them changes what is computed, but for the engine, whose change the run notes. (--data: where
 * the same data lies now.)
 */
const WITH_RESUME = new Set(["resume", "data", "engine", "checkpointMinutes", "threads", "json", "debug"]);

/** A new run, as the command line asks for it. */
export type NewRun = Partial<TrainFlags> & { readonly data: string };

/** How a run went that was not stopped by an error. */
export interface Outcome {
  readonly run: PreparedRun;
  readonly result: TrainResult;
  /** What to exit with when Ctrl-C stopped it. */
  readonly exitCode: number;
}

/** `senet train MODEL --data …`, `senet train --resume RUN`: trains and prints the result. */
export const run: Run<typeof command> = async ([model], flags, given) => {
  const { resume, data } = flags;
  const progress = createProgress();
  if (resume !== undefined) {
    refuseChanges(given);
    return printOutcome(await resumeRun(resume, model, flags, progress), flags);
  }
  if (model === undefined) {
    throw usageError("senet train: expected a model, such as seresnet20; `senet models` lists all.");
  }
  if (data === undefined) {
    throw usageError(
      "senet train: expected --data with a path or the name of embedded data, such as fashion-mnist-mini.",
    );
  }
  printOutcome(await newRun(model, { ...flags, data }, progress), flags);
};

function refuseChanges(given: ReadonlySet<string>): void {
  const change = [...given].find((name) => !WITH_RESUME.has(name));
  if (change === undefined) return;
  throw usageError(
    `\`${change}\`: expected no such option beside --resume, because the run's config.json decides; leave it out or start a new run.`,
  );
}

async function resumeRun(
  path: string,
  name: string | undefined,
  flags: TrainFlags,
  progress: Progress,
): Promise<Outcome> {
  const folder = await openRunFolder(path);
  const { config } = folder;
  if (name !== undefined && name !== config.model) {
    throw new SenetError(
      "checkpoint",
      `${path}: expected a checkpoint of ${name}, found one of ${config.model}; resume it with its own model.`,
    );
  }
  const run = await folder.readRun();
  const { engine = config.engine } = flags;
  await using loader = await openWithProgress(progress, ({ onProgress }) =>
    openRunData(config, { path: flags.data, onProgress }),
  );
  const prepared = await prepareRun({ ...run, config: { ...config, engine } }, loader);
  return await trainInto(folder, prepared, flags, progress);
}

/** Trains a network from the beginning. */
export async function newRun(model: string, flags: NewRun, progress: Progress): Promise<Outcome> {
  const overrides = { ...overridesOf(flags), onProgress: showDownload(progress) };
  checkOverrides(overrides);
  const { data, size, skipBad, out } = flags;
  await checkDataFlags(data, { size, skipBad });
  const origin = await openOrigin(model, overrides);
  const fit = size === undefined ? origin.fit : undefined;
  await using loader = await openWithProgress(progress, ({ onProgress }) =>
    openData(data, { size, fit, skipBad, onProgress }),
  );
  if (!(origin.preprocessing || (flags.mean && flags.std))) {
    const what = "computing mean and deviation of the training images";
    await whileWaiting(progress, what, loader.statistics());
  }
  const run = await configureRun(origin, loader, overrides);
  progress.end();
  if (run.report) reportWeights(run.report, flags);
  const prepared = await prepareRun(run, loader);
  const named = `runs/${run.config.model}-${basename(run.config.data.path).replace(/[^\w.-]+/g, "-")}`;
  const [free] = out === undefined ? await freeFolders([named]) : [out];
  return await trainInto(free, prepared, flags, progress);
}

function overridesOf(flags: Partial<TrainFlags>): RunOverrides {
  const { pad, flip, cutout } = flags;
  const named = Object.fromEntries(overrideNames.map((name) => [name, flags[name as keyof TrainFlags]]));
  return { ...named, augment: { pad, flip, cutout }, se: sePlanOf(flags) };
}

/** @param folder an open one, or the path of one to be made */
async function trainInto(
  folder: RunFolder | string,
  run: PreparedRun,
  { threads, checkpointMinutes }: Partial<TrainFlags>,
  progress: Progress,
): Promise<Outcome> {
  using interrupt = catchInterrupt(() => progress.line("interrupted: finishing the step, then saving"));
  let open: RunFolder | undefined;
  try {
    open = typeof folder === "string" ? await createRunFolder(folder, run) : folder;
    progress.line(introduction(run, open));
    const result = await train(run, open, {
      threads,
      checkpointMs: checkpointMinutes && checkpointMinutes * 60_000,
      onEvent: trainingProgress(run.config, progress),
      signal: interrupt.signal,
    });
    return { run, result, exitCode: result.finished ? 0 : interrupt.exitCode };
  } catch (error) {
    throw open ? await withAftermath(error, open) : error;
  } finally {
    progress.end();
  }
}

function introduction({ config, parameters, batches }: PreparedRun, folder: RunFolder): string {
  const [train, test] = config.data.samples;
  return [
    `${config.data.path}: ${grouped(train)} training and ${grouped(test)} test images of ${config.input.join("×")}, ${config.classes.length} classes`,
    `${config.model}: ${grouped(parameters)} parameters, ${plural(config.epochs, "epoch")} of ${plural(batches, "step")} of ${plural(config.batch, "image")}`,
    `run: ${folder.path}`,
  ].join("\n");
}

/** What is left of the run, said together with the error that ended it; nothing is left before its first checkpoint. */
async function withAftermath(error: unknown, folder: RunFolder): Promise<unknown> {
  await folder.discard().catch(() => {}); // the first error is the one worth reporting
  // A checkpoint that was refused is as it was, and its error says so; that of another process is none of ours.
  if (!(error instanceof SenetError) || error.code === "checkpoint" || error.code === "busy") return error;
  const last = await folder.readLast().catch(() => undefined);
  if (last === undefined) return error;
  const position = JSON.parse(last.metadata.position ?? "{}") as { step?: number };
  const kept = `${folder.path} keeps the checkpoint of step ${position.step}`;
  return new SenetError(error.code, error.message.replace(/\.$/, `; ${kept}.`), { cause: error });
}

function printOutcome({ run, result, exitCode }: Outcome, { json }: Pick<TrainFlags, "json">): void {
  const { model } = run.config;
  const { folder, finished, records, best } = result;
  const { path } = folder;
  process.exitCode = exitCode;
  const last = records.at(-1) ?? null;
  if (json) printJson({ run: path, model, finished, epochs: records.length, best, last });
  else printText(finished ? outcomeText(run, result) : resumeAdvice(path));
}

/** How to go on with a run that was stopped. */
export function resumeAdvice(path: string): string {
  return `stopped and saved; resume with: senet train --resume ${path}`;
}

function outcomeText({ config }: PreparedRun, { folder, records, best }: TrainResult): string {
  const last = records.at(-1);
  // Of five classes or fewer the five best are all.
  const top5 = last && config.classes.length > 5 ? ` (top-5 ${percent(last.test.top5)})` : "";
  const ofLast = last ? `test accuracy ${percent(last.test.top1)}${top5}` : "";
  const ofBest =
    best && best.epoch !== last?.epoch ? `, best ${percent(best.top1)} in epoch ${best.epoch}` : "";
  return `${config.model}: ${ofLast}${ofBest} after ${plural(records.length, "epoch")}; ${folder.path}`;
}
