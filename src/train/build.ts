import type { Graph } from "../ir/graph.ts";
import type { Tensor } from "../ir/tensor.ts";
import { createModel } from "../models/create-model.ts";
import { describeModel } from "../models/describe-model.ts";
import { withWeights } from "../passes/with-weights.ts";
import type { TrainConfig } from "./config.ts";
import { adamW, sgd } from "./optimizers.ts";
import { type Schedule, schedule } from "./schedules.ts";
import { EMA_PREFIX, type TrainStep, trainStep } from "./train-step.ts";

/** The network a configuration asks for, with its initial weights. */
export function buildModel(config: TrainConfig): Graph {
  const { model, classes, input, seed, seReduction, seGate, seBias } = config;
  const se = {
    ...(seReduction !== undefined && { reduction: seReduction }),
    ...(seGate !== undefined && { gate: seGate }),
    ...(seBias !== undefined && { bias: seBias }),
  };
  const changed = Object.keys(se).length > 0;
  return createModel(model, { classes: classes.length, input, seed, ...(changed && { se }) });
}

/** The training step a configuration asks for; `block` from `probeBlock`, for this machine. */
export function buildStep(config: TrainConfig, block?: number): TrainStep {
  const { momentum, nesterov, weightDecay, labelSmoothing, clipNorm, ema, batch } = config;
  return trainStep(
    buildModel(config),
    {
      batch,
      optimizer:
        config.optimizer === "sgd" ? sgd({ momentum, nesterov, weightDecay }) : adamW({ weightDecay }),
      labelSmoothing,
      ...(clipNorm !== undefined && { clipNorm }),
      ...(ema !== undefined && { ema }),
    },
    block,
  );
}

/** The schedule a configuration asks for; `stepsPerEpoch` turns its epochs of warm-up into steps. */
export function buildSchedule(
  { schedule: name, lr, warmupEpochs }: TrainConfig,
  stepsPerEpoch: number,
): Schedule {
  return schedule(name, { lr, warmupSteps: Math.round(warmupEpochs * stepsPerEpoch) });
}

/**
 * The network to evaluate and to ship: the trained weights, or their moving average where one is kept, with the
 * description of its input and classes.
 */
export function buildTrained(config: TrainConfig, tensors: ReadonlyMap<string, Tensor>): Graph {
  const weights = config.ema === undefined ? tensors : averaged(tensors);
  const { model, classes, input, mean, std } = config;
  return describeModel(withWeights(buildModel(config), weights), {
    model,
    classes,
    input,
    ...asTrained,
    mean,
    std,
  });
}

/** How the data readers prepare images, whatever the network was designed for. */
const asTrained = { pixelRange: 1, colorOrder: "RGB", interpolation: "bilinear", cropFraction: 1 } as const;

function averaged(tensors: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  return new Map(
    [...tensors]
      .filter(([name]) => name.startsWith(EMA_PREFIX))
      .map(([name, content]) => [name.slice(EMA_PREFIX.length), content]),
  );
}
