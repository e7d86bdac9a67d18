import { defined } from "../../base/defined.ts";
import { usageError } from "../../base/errors.ts";
import { freeFolders } from "../../files/folders-node.ts";
import { findModel } from "../../models/find-model.ts";
import type { TrainEngine } from "../../train/engine/engine.ts";
import { compareRuns } from "../compare/compare-runs.ts";
import type { Run } from "../shared/define-command.ts";
import { createProgress } from "../shared/progress.ts";
import { checkOutput } from "../shared/write-model.ts";
import { newRun, resumeAdvice } from "../train/run.ts";
import type { command } from "./command.ts";

/** Height and width of the images of CIFAR networks. */
const SMALL_SIDE = 32;

/** `senet quickstart`. */
export const run: Run<typeof command> = async (_, flags) => {
  const { data, depth, epochs, batch, seed, report, threads, json } = flags;
  const models = [`resnet${depth}`, `seresnet${depth}`];
  // Networks for small images; 50 and 152 are 6n + 2 too, but depths of ImageNet networks.
  if (models.some((model) => findModel(model)?.input[1] !== SMALL_SIDE)) {
    throw usageError(
      `--depth: expected 6n + 2 from 8 to 1202, such as 8, 14, 20 or 32, but not an ImageNet network's (26, 50, 152, 200), found ${depth}; choose another.`,
    );
  }
  await checkOutput(report, true);
  const progress = createProgress();
  const folders = await freeFolders(models.map((model) => `runs/quickstart-${model}`));
  let engine: TrainEngine | undefined; // of the first, so that they differ in nothing but the network
  for (const [i, model] of models.entries()) {
    const settings = defined({ data, epochs, batch, seed, engine, out: folders[i], threads });
    const { result, exitCode } = await newRun(model, settings, progress);
    engine = result.records.at(-1)?.engine;
    if (result.finished) continue;
    progress.line(resumeAdvice(result.folder.path));
    process.exitCode = exitCode;
    return;
  }
  await compareRuns(folders, defined({ report, threads, json }));
};
