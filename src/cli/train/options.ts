import type { Option } from "commander";
import { SenetError } from "../../base/errors.ts";
import { limits } from "../../files/limits.ts";
import { adamWRecipe, defaultRecipe } from "../../train/recipe.ts";
import { type ScheduleName, scheduleNames } from "../../train/step/schedules.ts";
import { offlineOption } from "../shared/apply-weights.ts";
import type { CommonFlags } from "../shared/flags.ts";
import { commonOptions, option, threadsOption } from "../shared/options.ts";
import { type SEFlags, seOptions } from "../shared/se-flags.ts";
import { decimal, decimals, oneOf, type ParseValue, whole } from "../shared/values.ts";

/** What the command line of `senet train` says. Absent: the default, which may depend on the data or the optimizer. */
export interface TrainFlags extends CommonFlags, Partial<SEFlags> {
  readonly data?: string;
  readonly size?: number;
  readonly skipBad?: true;
  readonly mean?: number[];
  readonly std?: number[];
  readonly out?: string;
  readonly resume?: string;
  readonly checkpointMinutes?: number;
  readonly epochs?: number;
  readonly batch?: number;
  readonly seed?: number;
  readonly optimizer?: "sgd" | "adamw";
  readonly lr?: number;
  readonly momentum?: number;
  /** False where it is refused, otherwise true; so is `flip`. */
  readonly nesterov?: boolean;
  readonly weightDecay?: number;
  readonly schedule?: ScheduleName;
  readonly warmupEpochs?: number;
  readonly labelSmoothing?: number;
  readonly clipNorm?: number;
  readonly ema?: number;
  readonly pad?: number;
  readonly flip?: boolean;
  readonly cutout?: number;
  readonly weights?: string;
  readonly offline?: true;
  readonly resetHead?: true;
  readonly freeze?: string;
  readonly lrScale?: [pattern: string, factor: number][];
  readonly threads?: number;
}

/** The options of `senet train` by the headings of its help. */
export function trainOptions(): Readonly<Record<string, readonly Option[]>> {
  return {
    "Data:": dataOptions(),
    "Run:": runOptions(),
    "Training:": [...recipeOptions(), ...regularizationOptions()],
    "Fine-tuning:": fineTuningOptions(),
    "Augmentation:": augmentationOptions(),
    "SE blocks:": seOptions(),
  };
}

function dataOptions(): Option[] {
  const scaled = "pixels are scaled to [0, 1]";
  return [
    option("--data <path|name>", "IDX, CIFAR or image folder, parquet, or embedded data: fashion-mnist-mini"),
    option("--size <pixels>", "resize images (folders and parquet) to this height and width", {
      parse: whole("--size", { min: 1, max: limits.size }),
      described: "64 for folders, else as they are",
    }),
    option("--skip-bad", "leave out images of a folder that do not decode, and count them"),
    option("--mean <list>", "mean of each channel of pixels in [0, 1], separated by commas", {
      parse: decimals("--mean", { min: 0, max: 1 }, scaled),
      described: "computed",
    }),
    option("--std <list>", "standard deviation of each channel, separated by commas", {
      parse: decimals("--std", { above: 0, max: 1 }, scaled),
      described: "computed",
    }),
  ];
}

function runOptions(): Option[] {
  return [
    option("--out <folder>", "folder of the run", { described: "runs/MODEL-DATA, next free name" }),
    option(
      "--resume <run>",
      "go on with an earlier run, exactly; its config.json decides everything (--data: where its data has moved)",
    ),
    option("--checkpoint-minutes <n>", "save last.safetensors this often inside an epoch too", {
      parse: decimal("--checkpoint-minutes", { above: 0 }),
      described: "5",
    }),
    threadsOption(),
    ...commonOptions(),
  ];
}

function recipeOptions(): Option[] {
  const { epochs, batch, seed, optimizer, lr, momentum, weightDecay } = defaultRecipe;
  return [
    option("--epochs <n>", "passes over the training data", {
      parse: whole("--epochs", { min: 1 }),
      described: String(epochs),
    }),
    option("--batch <n>", "images a step", {
      parse: whole("--batch", { min: 1 }),
      described: String(batch),
    }),
    option("--seed <n>", "names all random numbers: initial weights, order, augmentation", {
      parse: whole("--seed", { min: 0 }),
      described: String(seed),
    }),
    option("--optimizer <name>", "sgd or adamw", {
      parse: oneOf("--optimizer", ["sgd", "adamw"]),
      described: optimizer,
    }),
    option("--lr <rate>", "greatest learning rate", {
      parse: decimal("--lr", { above: 0 }),
      described: `${lr}; adamw: ${adamWRecipe.lr}`,
    }),
    option("--momentum <share>", "momentum of sgd", {
      parse: decimal("--momentum", { min: 0, below: 1 }),
      described: String(momentum),
    }),
    option("--no-nesterov", "plain momentum instead of Nesterov's (default: Nesterov's)"),
    option("--weight-decay <n>", "weight decay of convolutions and linear layers", {
      parse: decimal("--weight-decay", { min: 0 }),
      described: `${weightDecay}; adamw: ${adamWRecipe.weightDecay}`,
    }),
  ];
}

function regularizationOptions(): Option[] {
  const { schedule, warmupEpochs, labelSmoothing } = defaultRecipe;
  return [
    option("--schedule <name>", scheduleNames.join(", "), {
      parse: oneOf("--schedule", scheduleNames),
      described: schedule,
    }),
    option("--warmup-epochs <n>", "epochs of linear rise before the schedule begins; one-cycle has its own", {
      parse: decimal("--warmup-epochs", { min: 0 }),
      described: String(warmupEpochs),
    }),
    option("--label-smoothing <share>", "share of the target spread over all classes", {
      parse: decimal("--label-smoothing", { min: 0, below: 1 }),
      described: String(labelSmoothing),
    }),
    option("--clip-norm <n>", "greatest norm of all gradients together", {
      parse: decimal("--clip-norm", { above: 0 }),
      described: "no limit",
    }),
    option(
      "--ema <decay>",
      "keep, test and export a moving average of the weights; in the .safetensors files plain names are the raw weights, ema/… the averages",
      { parse: decimal("--ema", { above: 0, below: 1 }), described: "none" },
    ),
  ];
}

function fineTuningOptions(): Option[] {
  return [
    option(
      "--weights <file|hf:…>",
      "weights to begin with: safetensors, .pth, .npz, .onnx (MODEL may be an .onnx file itself)",
      { described: "random" },
    ),
    offlineOption(),
    option("--reset-head", "with given weights: a fresh classifier, for other classes than theirs"),
    option("--freeze <pattern>", "parameters that do not learn, by their first names: 'conv1|bn1|layer1'"),
    option(
      "--lr-scale <pattern=factor>",
      "learning rate of some as a multiple of --lr: 'layer4=0.1'; repeatable",
      { parse: scales("--lr-scale") },
    ),
  ];
}

function augmentationOptions(): Option[] {
  return [
    option("--pad <pixels>", "crop at random within a border of this width", {
      parse: whole("--pad", { min: 0 }),
      described: "an eighth of the height",
    }),
    option("--no-flip", "do not mirror images at random (default: mirrored)"),
    option("--cutout <pixels>", "hide a square of this side at a random place", {
      parse: whole("--cutout", { min: 0 }),
      described: "0",
    }),
  ];
}

/** `layer4=0.1`: a pattern and what its learning rate is multiplied with. */
function scales(name: string): (...given: [string, [string, number][]?]) => [string, number][] {
  const factorOf: ParseValue<number> = decimal(name, { above: 0 });
  return (text, others = []) => {
    const [, pattern, factor] = /^(.+)=([^=]+)$/.exec(text) ?? [];
    if (pattern === undefined) {
      throw new SenetError(
        "usage",
        `${name}: expected a pattern and a factor, such as layer4=0.1, found "${text}"; correct it.`,
      );
    }
    return [...others, [pattern, factorOf(factor)]];
  };
}
