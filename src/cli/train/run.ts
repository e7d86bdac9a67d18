import { basename } from "node:path";
import { SenetError } from "../../base/errors.ts";
import { grouped, percent, plural } from "../../base/format.ts";
import { type Fit, squareFit } from "../../data/images/fit-image.ts";
import { checkSpace } from "../../files/check-space-node.ts";
import { buildModel } from "../../train/build.ts";
import type { TrainConfig } from "../../train/config.ts";
import { placeOf } from "../../train/data-of-node.ts";
import { createRunFolder, moveData, openRunFolder, type RunFolder } from "../../train/run-folder-node.ts";
import { train } from "../../train/train-node.ts";
import type { RunSizes, TrainOptions, TrainResult } from "../../train/train-options.ts";
import { checkDataFlags } from "../shared/check-flags.ts";
import type { TrainFlags } from "../shared/flags.ts";
import { catchInterrupt } from "../shared/interrupt.ts";
import { openData } from "../shared/open-data.ts";
import { printJson, printText } from "../shared/print.ts";
import { createProgress, type Progress } from "../shared/progress.ts";
import { checkSameData, configure, type NewRun } from "./configure-run.ts";
import { checkPatterns, initialModel, type Origin, originOf } from "./initial-model.ts";
import { trainingProgress } from "./progress.ts";

/** How a run went that was not stopped by an error. */
export interface Outcome {
  readonly config: TrainConfig;
  readonly result: TrainResult;
  /** What to exit with when Ctrl-C stopped it. */
  readonly exitCode: number;
}

/** `senet train MODEL --data …`: trains and prints the result. */
export async function startTraining(model: string, flags: NewRun): Promise<void> {
  printOutcome(await newRun(model, flags, createProgress()), flags);
}

/** `senet train --resume RUN`: goes on and prints the result. */
export async function resumeTraining(
  path: string,
  name: string | undefined,
  flags: TrainFlags,
): Promise<void> {
  const progress = createProgress();
  const folder = await openRunFolder(path);
  const { config } = folder;
  if (name !== undefined && name !== config.model) {
    throw new SenetError(
      "checkpoint",
      `${path}: expected a checkpoint of ${name}, found one of ${config.model}; resume it with its own model.`,
    );
  }
  const { size, skipBad, limit } = config.data;
  const data = flags.data ?? config.data.path;
  const initial = await folder.readInitial();
  const [, ...sides] = config.input;
  const fixed = config.init === undefined ? {} : { size: sides };
  const loader = await openData({ path: data, fit: fitFor(size, fixed), skipBad, limit }, progress);
  try {
    checkSameData(config, loader, data, path);
    const open = () => (flags.data === undefined ? folder : moveData(folder, placeOf(flags.data)));
    const options = { loader, model: initial, openFolder: async () => open(), ...speedOptions(flags) };
    printOutcome(await runTraining(config, options, progress), flags);
  } finally {
    await loader.dispose();
  }
}

/** Trains a network from the beginning. */
export async function newRun(model: string, flags: NewRun, progress: Progress): Promise<Outcome> {
  const { data, size, skipBad = false } = flags;
  await checkDataFlags(data, { size, skipBad });
  const origin = await originOf(model, flags);
  const loader = await openData({ path: data, fit: fitFor(size, origin), skipBad }, progress);
  try {
    const config = await configure(origin, flags, loader, progress);
    const initial = await initialModel(origin, config, flags);
    checkPatterns(config, initial ?? buildModel(config));
    const openFolder = async (sizes: RunSizes): Promise<RunFolder> => {
      const name = basename(config.data.path).replace(/[^\w.-]+/g, "-");
      const wanted = flags.out ?? `runs/${config.model}-${name}`;
      await checkSpace(wanted, sizes.diskBytes);
      return createRunFolder(wanted, config, { exact: flags.out !== undefined, initial });
    };
    return await runTraining(
      config,
      { loader, model: initial, openFolder, ...speedOptions(flags) },
      progress,
    );
  } finally {
    await loader.dispose();
  }
}

function speedOptions({
  threads,
  checkpointMinutes,
}: Pick<TrainFlags, "threads" | "checkpointMinutes">): Pick<TrainOptions, "threads" | "checkpointMs"> {
  return { threads, checkpointMs: checkpointMinutes * 60_000 };
}

/** How images become samples: as asked for, else as the network needs them, else as the data readers choose. */
function fitFor(size: number | undefined, { size: fixed, preprocessing }: Partial<Origin>): Fit | undefined {
  if (size !== undefined) return squareFit(size);
  if (!fixed) return undefined;
  const { interpolation = "bilinear" } = preprocessing ?? {};
  return { height: fixed[0], width: fixed[1], cropFraction: 1, interpolation };
}

async function runTraining(
  config: TrainConfig,
  options: Pick<TrainOptions, "loader" | "model" | "openFolder" | "threads" | "checkpointMs">,
  progress: Progress,
): Promise<Outcome> {
  const interrupt = catchInterrupt(() => progress.line("interrupted: finishing the step, then saving"));
  let folder: RunFolder | undefined;
  const teller = trainingProgress(config, progress);
  try {
    const result = await train(config, {
      ...options,
      async openFolder(sizes) {
        folder = await options.openFolder(sizes);
        progress.line(introduction(config, folder, sizes));
        return folder;
      },
      onEvent: teller,
      signal: interrupt.signal,
    });
    return { config, result, exitCode: result.finished ? 0 : interrupt.exitCode };
  } catch (error) {
    throw folder ? await withAftermath(error, folder) : error;
  } finally {
    interrupt.release();
    progress.end();
  }
}

function introduction(config: TrainConfig, folder: RunFolder, { parameters, batches }: RunSizes): string {
  const [train, test] = config.data.samples;
  return [
    `${config.data.path}: ${grouped(train)} training and ${grouped(test)} test images of ${config.input.join("×")}, ${config.classes.length} classes`,
    `${config.model}: ${grouped(parameters)} parameters, ${plural(config.epochs, "epoch")} of ${plural(batches, "step")} of ${plural(config.batch, "image")}`,
    `run: ${folder.path}`,
  ].join("\n");
}

/** What is left of the run, said together with the error that ended it; nothing is left before its first checkpoint. */
async function withAftermath(error: unknown, folder: RunFolder): Promise<unknown> {
  await folder.discard().catch(() => {}); // the first error is the one worth telling
  // A checkpoint that was refused is as it was, and its error says so.
  if (!(error instanceof SenetError) || error.code === "checkpoint") return error;
  const last = await folder.readLast().catch(() => undefined);
  if (last === undefined) return error;
  const position = JSON.parse(last.metadata.position ?? "{}") as { step?: number };
  const kept = `${folder.path} keeps the checkpoint of step ${position.step}`;
  return new SenetError(error.code, error.message.replace(/\.$/, `; ${kept}.`), { cause: error });
}

function printOutcome({ config, result, exitCode }: Outcome, { json }: Pick<TrainFlags, "json">): void {
  const { folder, finished, records, best } = result;
  const last = records.at(-1);
  process.exitCode = exitCode;
  if (json) {
    printJson({
      run: folder.path,
      model: config.model,
      finished,
      epochs: records.length,
      best,
      last: last ?? null,
    });
    return;
  }
  if (!finished) {
    printText(`stopped and saved; go on with: senet train --resume ${folder.path}`);
    return;
  }
  // Of five classes or fewer the five best are all.
  const top5 = last && config.classes.length > 5 ? ` (top-5 ${percent(last.test.top5)})` : "";
  const ofLast = last ? `test accuracy ${percent(last.test.top1)}${top5}` : "";
  const ofBest =
    best && best.epoch !== last?.epoch ? `, best ${percent(best.top1)} in epoch ${best.epoch}` : "";
  printText(`${config.model}: ${ofLast}${ofBest} after ${plural(records.length, "epoch")}; ${folder.path}`);
}
