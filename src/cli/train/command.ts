import { limits } from "../../files/limits.ts";
import { engineChoices } from "../../train/engine/engine.ts";
import { adamWRecipe, defaultRecipe } from "../../train/recipe.ts";
import { scheduleNames } from "../../train/step/schedules.ts";
import { type CommandFlags, defineCommand, flag, group, negation, option } from "../shared/define-command.ts";
import {
  normalizationOptions,
  skipBadOption,
  threadsOption,
  weightsOptions,
} from "../shared/option-groups.ts";
import { decimal, oneOf, text, whole, wrongValue } from "../shared/parse.ts";
import { seOptions } from "../shared/se-options.ts";

const recipe = defaultRecipe;

export const command = defineCommand({
  summary: "train a network; writes a run folder with log, checkpoints and model.onnx",
  description:
    "Train a network on labeled images. The run folder holds config.json, log.jsonl, best.safetensors, last.safetensors, model.onnx and, for a run that started from given weights, initial.onnx. Ctrl-C finishes the step, saves and exits; --resume continues exactly.",
  arguments: [["[model]", "a name that `senet models` lists, or an .onnx file; not needed with --resume"]],
  options: {
    ...group("Data:", {
      data: option(
        "<path|name>",
        "IDX, CIFAR or image folder, parquet, or embedded data: fashion-mnist-mini",
      ),
      size: option(
        "<pixels>",
        "resize images (of folders and parquet) to this height and width",
        whole({ min: 1, max: limits.size }),
        { defaultText: "64 for folders, else as they are" },
      ),
      skipBad: skipBadOption,
      ...normalizationOptions("computed"),
    }),
    ...group("Run:", {
      out: option("<folder>", "folder of the run", text, { defaultText: "runs/MODEL-DATA, next free name" }),
      resume: option(
        "<run>",
        "continue an earlier run exactly; its config.json decides everything (--data: where its data has moved)",
      ),
      checkpointMinutes: option(
        "<n>",
        "save last.safetensors this often within an epoch too",
        decimal({ above: 0 }),
        { defaultText: "5" },
      ),
      engine: option(
        "<name>",
        `what computes the steps: ${engineChoices.join(", ")} (oneDNN where it is installed, see \`senet engine\`); with --resume: what goes on`,
        oneOf(engineChoices),
        { defaultText: "auto" },
      ),
      threads: threadsOption,
    }),
    ...group("Training:", {
      epochs: option("<n>", "passes over the training data", whole({ min: 1 }), {
        defaultText: `${recipe.epochs}`,
      }),
      batch: option("<n>", "batch size", whole({ min: 1 }), { defaultText: `${recipe.batch}` }),
      seed: option("<n>", "random seed of initial weights, order and augmentation", whole({ min: 0 }), {
        defaultText: `${recipe.seed}`,
      }),
      optimizer: option("<name>", "sgd or adamw", oneOf(["sgd", "adamw"]), { defaultText: recipe.optimizer }),
      lr: option("<rate>", "maximum learning rate", decimal({ above: 0 }), {
        defaultText: `${recipe.lr}; adamw: ${adamWRecipe.lr}`,
      }),
      momentum: option("<share>", "momentum of sgd", decimal({ min: 0, below: 1 }), {
        defaultText: `${recipe.momentum}`,
      }),
      nesterov: negation("plain instead of Nesterov momentum", "Nesterov"),
      weightDecay: option("<n>", "weight decay of convolutions and linear layers", decimal({ min: 0 }), {
        defaultText: `${recipe.weightDecay}; adamw: ${adamWRecipe.weightDecay}`,
      }),
      schedule: option(
        "<name>",
        `learning rate schedule: ${scheduleNames.join(", ")}`,
        oneOf(scheduleNames),
        {
          defaultText: recipe.schedule,
        },
      ),
      warmupEpochs: option(
        "<n>",
        "epochs of linear warmup before the schedule; one-cycle has its own",
        decimal({ min: 0 }),
        { defaultText: `${recipe.warmupEpochs}` },
      ),
      labelSmoothing: option(
        "<share>",
        "share of the target spread evenly over all classes",
        decimal({ min: 0, below: 1 }),
        { defaultText: `${recipe.labelSmoothing}` },
      ),
      clipNorm: option("<n>", "maximum norm of all gradients together", decimal({ above: 0 }), {
        defaultText: "no limit",
      }),
      ema: option(
        "<decay>",
        "keep, test and export a moving average of the weights; in the .safetensors files plain names are the raw weights, ema/… the averages",
        decimal({ above: 0, below: 1 }),
        { defaultText: "none" },
      ),
    }),
    ...group("Fine-tuning:", {
      weights: option(
        "<file|hf:…>",
        "weights to start from: safetensors, .pth, .npz, .onnx (MODEL may be an .onnx file itself)",
        text,
        { defaultText: "random" },
      ),
      offline: weightsOptions.offline,
      resetHead: flag("with given weights: a fresh classifier, for a different number of classes"),
      freeze: option(
        "<pattern>",
        "parameters to freeze, by the beginning of their names: 'conv1|bn1|layer1'",
      ),
      lrScale: option(
        "<pattern=factor>",
        "learning rate of some parameters as a multiple of --lr: 'layer4=0.1'; repeatable",
        scales,
      ),
    }),
    ...group("Augmentation:", {
      pad: option("<pixels>", "random crops within a border of this width", whole({ min: 0 }), {
        defaultText: "an eighth of the height",
      }),
      flip: negation("no random horizontal flips", "flips"),
      cutout: option("<pixels>", "erase a square of this side at a random place", whole({ min: 0 }), {
        defaultText: "0",
      }),
    }),
    ...seOptions,
  },
});

export type TrainFlags = CommandFlags<typeof command>;

/** `layer4=0.1`: a pattern and what its learning rate is multiplied by. */
function scales(text: string, option: string, before: [string, number][] = []): [string, number][] {
  const [, pattern, factor] = /^(.+)=([^=]+)$/.exec(text) ?? [];
  if (pattern === undefined) throw wrongValue(option, "a pattern and a factor, such as layer4=0.1", text);
  return [...before, [pattern, decimal({ above: 0 })(factor, option)]];
}
