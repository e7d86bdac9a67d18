import { Command, type Option } from "commander";
import { SenetError } from "../../base/errors.ts";
import { limits } from "../../files/limits.ts";
import type { SEPlan } from "../../models/se-plan.ts";
import { adamWRecipe, defaultRecipe } from "../../train/recipe.ts";
import { scheduleNames } from "../../train/step/schedules.ts";
import { offlineOption } from "../shared/apply-weights.ts";
import { checkTrainFlags } from "../shared/check-flags.ts";
import type { TrainFlags } from "../shared/flags.ts";
import { isModelFile } from "../shared/load-model.ts";
import { commonOptions, option, threadsOption } from "../shared/options.ts";
import { refuseSEPlan, seOptions, sePlanOf } from "../shared/se-flags.ts";
import { decimal, decimals, oneOf, whole } from "../shared/values.ts";

/** Options that may accompany --resume: none of them changes what is computed. (--data: where the same data lies now.) */
const WITH_RESUME = new Set(["resume", "data", "checkpointMinutes", "threads", "json", "debug"]);

const EMA =
  "keep, test and export a moving average of the weights; in the .safetensors files plain names are the raw weights, ema/… the averages";

export function trainCommand(): Command {
  const recipe = defaultRecipe;
  const command = new Command("train")
    .summary("train a network; writes a run folder with log, checkpoints and model.onnx")
    .description(
      "Train a network on labelled images. The run folder holds config.json, log.jsonl, best.safetensors,\nlast.safetensors, model.onnx and, of a run that began with given weights, initial.onnx. Ctrl-C finishes the step, saves and exits; --resume goes on exactly.",
    )
    .argument("[model]", "network, as `senet models` lists them, or an .onnx file; not needed with --resume");
  addGroup(command, "Data:", [
    option("--data <path|name>", "IDX, CIFAR or image folder, parquet, or embedded data: fashion-mnist-mini"),
    option("--size <pixels>", "resize images (folders and parquet) to this height and width", {
      parse: whole("--size", { min: 1, max: limits.size }),
      described: "64 for folders, else as they are",
    }),
    option("--skip-bad", "leave out images of a folder that do not decode, and count them"),
    option("--mean <list>", "mean of each channel of pixels in [0, 1], separated by commas", {
      parse: decimals("--mean", { min: 0, max: 1 }, "pixels are scaled to [0, 1]"),
      described: "computed",
    }),
    option("--std <list>", "standard deviation of each channel, separated by commas", {
      parse: decimals("--std", { above: 0, max: 1 }, "pixels are scaled to [0, 1]"),
      described: "computed",
    }),
  ]);
  addGroup(command, "Run:", [
    option("--out <folder>", "folder of the run", { described: "runs/MODEL-DATA, next free name" }),
    option(
      "--resume <run>",
      "go on with an earlier run, exactly; its config.json decides everything (--data: where its data has moved)",
    ),
    option("--checkpoint-minutes <n>", "save last.safetensors this often inside an epoch too", {
      parse: decimal("--checkpoint-minutes", { above: 0 }),
      fallback: 5,
    }),
    threadsOption(),
    ...commonOptions(),
  ]);
  addGroup(command, "Training:", [
    option("--epochs <n>", "passes over the training data", {
      parse: whole("--epochs", { min: 1 }),
      fallback: recipe.epochs,
    }),
    option("--batch <n>", "images a step", { parse: whole("--batch", { min: 1 }), fallback: recipe.batch }),
    option("--seed <n>", "names all random numbers: initial weights, order, augmentation", {
      parse: whole("--seed", { min: 0 }),
      fallback: recipe.seed,
    }),
    option("--optimizer <name>", "sgd or adamw", {
      parse: oneOf("--optimizer", ["sgd", "adamw"]),
      fallback: recipe.optimizer,
    }),
    option("--lr <rate>", "greatest learning rate", {
      parse: decimal("--lr", { above: 0 }),
      described: `${recipe.lr}; adamw: ${adamWRecipe.lr}`,
    }),
    option("--momentum <share>", "momentum of sgd", {
      parse: decimal("--momentum", { min: 0, below: 1 }),
      fallback: recipe.momentum,
    }),
    option("--no-nesterov", "plain momentum instead of Nesterov's (default: Nesterov's)"),
    option("--weight-decay <n>", "weight decay of convolutions and linear layers", {
      parse: decimal("--weight-decay", { min: 0 }),
      described: `${recipe.weightDecay}; adamw: ${adamWRecipe.weightDecay}`,
    }),
    option("--schedule <name>", scheduleNames.join(", "), {
      parse: oneOf("--schedule", scheduleNames),
      fallback: recipe.schedule,
    }),
    option("--warmup <epochs>", "epochs of linear rise before the schedule begins; one-cycle has its own", {
      parse: decimal("--warmup", { min: 0 }),
      fallback: recipe.warmupEpochs,
    }),
    option("--label-smoothing <share>", "share of the target spread over all classes", {
      parse: decimal("--label-smoothing", { min: 0, below: 1 }),
      fallback: recipe.labelSmoothing,
    }),
    option("--clip-norm <n>", "greatest norm of all gradients together", {
      parse: decimal("--clip-norm", { above: 0 }),
      described: "no limit",
    }),
    option("--ema <decay>", EMA, {
      parse: decimal("--ema", { above: 0, below: 1 }),
      described: "none",
    }),
  ]);
  addGroup(command, "Fine-tuning:", [
    option(
      "--init <file|hf:…>",
      "weights to begin with: safetensors, .pth, .npz, .onnx (MODEL may be an .onnx file itself)",
      { described: "random" },
    ),
    offlineOption(),
    option("--reset-head", "with given weights: a fresh classifier, for other classes than theirs"),
    option("--freeze <pattern>", "parameters that do not learn, by their first names: 'conv1|bn1|layer1'"),
    option(
      "--lr-scale <pattern=factor>",
      "learning rate of some as a multiple of --lr: 'layer4=0.1'; repeatable",
      {
        parse: scale("--lr-scale"),
      },
    ),
  ]);
  addGroup(command, "Augmentation:", [
    option("--pad <pixels>", "crop at random within a border of this width", {
      parse: whole("--pad", { min: 0 }),
      described: "an eighth of the height",
    }),
    option("--no-flip", "do not mirror images at random (default: mirrored)"),
    option("--cutout <pixels>", "hide a square of this side at a random place", {
      parse: whole("--cutout", { min: 0 }),
      fallback: 0,
    }),
  ]);
  addGroup(command, "SE blocks:", seOptions());
  return command.action((model: string | undefined, flags: TrainFlags) => run(model, flags, command));
}

function addGroup(command: Command, heading: string, options: readonly Option[]): void {
  command.optionsGroup(heading);
  for (const one of options) command.addOption(one);
}

async function run(model: string | undefined, flags: TrainFlags, command: Command): Promise<void> {
  if (flags.resume !== undefined) {
    refuseChanges(command);
    const { resumeTraining } = await import("./run.ts");
    return resumeTraining(flags.resume, model, flags);
  }
  if (model === undefined) {
    throw new SenetError(
      "usage",
      "senet train: expected a model, such as seresnet20; `senet models` lists all.",
    );
  }
  checkTrainFlags(flags, (name) => command.getOptionValueSource(name) === "cli");
  const se = sePlanOf(flags);
  await checkModel(model, se);
  if (flags.resetHead && flags.init === undefined && !isModelFile(model)) {
    throw new SenetError(
      "usage",
      "--reset-head: expected --init with weights, or an .onnx file, found neither; leave it out.",
    );
  }
  const { data } = flags;
  if (data === undefined) {
    throw new SenetError(
      "usage",
      "senet train: expected --data with a path or the name of embedded data, such as fashion-mnist-mini.",
    );
  }
  const { startTraining } = await import("./run.ts");
  return startTraining(model, { ...flags, data, se });
}

/** Building a network is quick, and tells of a name or SE options that do not fit before any data is opened. */
async function checkModel(model: string, se: SEPlan | undefined): Promise<void> {
  if (isModelFile(model)) return refuseSEPlan(model, se);
  const { createModel } = await import("../../models/create-model.ts");
  createModel(model, se && { se });
}

/** `layer4=0.1`: a pattern and what its learning rate is multiplied with. */
function scale(name: string) {
  return (text: string, others: [string, number][] = []): [string, number][] => {
    const [, pattern, factor] = /^(.+)=([^=]+)$/.exec(text) ?? [];
    if (pattern === undefined) {
      throw new SenetError(
        "usage",
        `${name}: expected a pattern and a factor, such as layer4=0.1, found "${text}"; correct it.`,
      );
    }
    return [...others, [pattern, decimal(name, { above: 0 })(factor)]];
  };
}

function refuseChanges(command: Command): void {
  for (const one of command.options) {
    const name = one.attributeName();
    if (WITH_RESUME.has(name) || command.getOptionValueSource(name) !== "cli") continue;
    throw new SenetError(
      "usage",
      `${one.long}: expected no such option beside --resume, because the run's config.json decides; leave it out or start a new run.`,
    );
  }
}
