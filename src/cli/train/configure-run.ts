import { SenetError } from "../../base/errors.ts";
import { plural } from "../../base/format.ts";
import type { Loader } from "../../data/loader/loader-node.ts";
import type { SEPlan } from "../../models/se-plan.ts";
import type { TrainConfig } from "../../train/config.ts";
import { dataOf, labelHashes } from "../../train/data-of-node.ts";
import { adamWRecipe, defaultAugment, defaultRecipe } from "../../train/recipe.ts";
import { checkAugmentFlags } from "../shared/check-flags.ts";
import type { TrainFlags } from "../shared/flags.ts";
import { type Progress, whileWaiting } from "../shared/progress.ts";
import { type Origin, placeOfSource } from "./initial-model.ts";

/** A new run, as the command line asks for it. */
export interface NewRun extends Omit<TrainFlags, "data" | "se"> {
  readonly data: string;
  readonly se?: SEPlan | undefined;
}

/** Everything that decides what the run computes. */
export async function configure(
  { name, source, preprocessing }: Origin,
  flags: NewRun,
  loader: Loader,
  progress: Progress,
): Promise<TrainConfig> {
  const { train } = loader;
  if (!train) throw new SenetError("data", `${flags.data}: expected both splits.`);
  const { shape, classes } = train;
  checkAugmentFlags(flags, shape, flags.data);
  const given = flags.mean !== undefined && flags.std !== undefined;
  // Weights that were learned expect images prepared as then.
  const learned =
    preprocessing?.mean.length === shape[0] && !flags.mean && !flags.std ? preprocessing : undefined;
  const computed = given
    ? { mean: [], std: [] }
    : (learned ??
      (await whileWaiting(
        progress,
        "computing mean and deviation of the training images",
        loader.statistics(),
      )));
  const mean = flags.mean ?? [...computed.mean];
  const std = flags.std ?? [...computed.std];
  for (const [option, { length }] of [
    ["--mean", mean],
    ["--std", std],
  ] as const) {
    if (length === shape[0]) continue;
    throw new SenetError(
      "usage",
      `${option}: expected ${plural(shape[0], "number")}, one per channel of ${flags.data}, found ${length}; correct it.`,
    );
  }
  const recipe = flags.optimizer === "adamw" ? adamWRecipe : defaultRecipe;
  const { se, size, clipNorm, ema } = flags;
  return {
    model: name,
    classes: [...classes],
    input: [...shape],
    data: dataOf(loader, { path: flags.data, size, skipBad: flags.skipBad }),
    mean,
    std,
    ...(learned?.pixelRange === 255 && { pixelRange: 255 }),
    ...(learned?.colorOrder === "BGR" && { colorOrder: "BGR" }),
    ...(source !== undefined && { init: placeOfSource(source) }),
    ...(flags.freeze !== undefined && { freeze: flags.freeze }),
    ...(flags.lrScale && { lrScale: flags.lrScale.map(([pattern, factor]) => [pattern, factor]) }),
    ...(se !== undefined && { se }),
    epochs: flags.epochs,
    batch: flags.batch,
    seed: flags.seed,
    optimizer: flags.optimizer,
    lr: flags.lr ?? recipe.lr,
    momentum: flags.momentum,
    nesterov: flags.nesterov,
    weightDecay: flags.weightDecay ?? recipe.weightDecay,
    schedule: flags.schedule,
    warmupEpochs: flags.warmup,
    labelSmoothing: flags.labelSmoothing,
    ...(clipNorm !== undefined && { clipNorm }),
    ...(ema !== undefined && { ema }),
    augment: {
      pad: flags.pad ?? defaultAugment(shape[1]).pad,
      flip: flags.flip,
      cutout: flags.cutout,
    },
  };
}

/** A resumed run continues exactly only on the data it began with. */
export function checkSameData(
  { data, classes, input }: TrainConfig,
  loader: Loader,
  place: string,
  run: string,
): void {
  const found = loader.train;
  const samples = [loader.train?.length, loader.test?.length].join(" + ");
  const expected = data.samples.join(" + ");
  const same =
    samples === expected &&
    found?.shape.join() === input.join() &&
    found.classes.join("\n") === classes.join("\n");
  if (same) {
    if (data.labels === undefined || data.labels === labelHashes(loader)) return;
    throw new SenetError(
      "data",
      `${place}: expected the labels that ${run} began with, found others; restore the data or start a new run.`,
    );
  }
  throw new SenetError(
    "data",
    `${place}: expected the data that ${run} began with (${expected} images of ${input.join("×")}, ${classes.length} classes), found other data (${samples} of ${found?.shape.join("×")}, ${found?.classes.length} classes); restore it or start a new run.`,
  );
}
