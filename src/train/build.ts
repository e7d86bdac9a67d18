import { namePattern } from "../base/name-pattern.ts";
import type { Normalization } from "../data/dataset/normalize.ts";
import { type Graph, parametersOf, statesOf } from "../ir/graph.ts";
import type { Tensor } from "../ir/tensor.ts";
import { createModel } from "../models/create-model.ts";
import { describeModel } from "../models/describe-model.ts";
import { withWeights } from "../passes/graph/with-weights.ts";
import type { TrainConfig } from "./config.ts";
import { adamW, sgd } from "./step/optimizers.ts";
import { type Schedule, schedule } from "./step/schedules.ts";
import { composeTrainStep, EMA_PREFIX, type TrainStep } from "./step/train-step.ts";

/** The network a configuration asks for by name, with random initial weights. */
export function buildModel(config: TrainConfig): Graph {
  const { model, classes, input, seed, se } = config;
  return createModel(model, { classes: classes.length, input, seed, ...(se !== undefined && { se }) });
}

/** The training step a configuration asks for of a network, composed: how it is computed is the engine's. */
export function buildStep(config: TrainConfig, model: Graph): TrainStep {
  const { momentum, nesterov, weightDecay, labelSmoothing, clipNorm, ema, batch, lrScale = [] } = config;
  const rates = lrScale.map(([pattern, rate]) => ({ fits: namePattern(pattern), rate }));
  return composeTrainStep(model, {
    batch,
    optimizer: config.optimizer === "sgd" ? sgd({ momentum, nesterov, weightDecay }) : adamW({ weightDecay }),
    labelSmoothing,
    clipNorm,
    ema,
    isFrozen: frozenIn(config),
    rateOf: (name) => rates.find(({ fits }) => fits(name))?.rate ?? 1,
  });
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
 *
 * @param model the network that the run began with, whose frozen weights are kept
 */
export function buildTrained(config: TrainConfig, model: Graph, tensors: ReadonlyMap<string, Tensor>): Graph {
  const learned = config.ema === undefined ? tensors : averaged(tensors);
  const weights = new Map([...frozenWeights(config, model), ...learned]);
  const { model: name, classes, input, mean, std, pixelRange = 1, colorOrder = "RGB" } = config;
  return describeModel(withWeights(model, weights), {
    model: name,
    classes,
    input,
    // How the data readers prepare images, whatever the network was designed for.
    interpolation: "bilinear",
    cropFraction: 1,
    mean,
    std,
    pixelRange,
    colorOrder,
  });
}

/** What a configuration says of pixels. */
export function normalizationOf({ mean, std, pixelRange, colorOrder }: TrainConfig): Normalization {
  return { mean, std, ...(pixelRange && { pixelRange }), ...(colorOrder && { colorOrder }) };
}

function frozenIn({ freeze }: TrainConfig): (name: string) => boolean {
  return freeze === undefined ? () => false : namePattern(freeze);
}

/** What a run may leave as it is and out of its checkpoints: frozen parameters, and the statistics of a frozen BatchNorm. */
function frozenWeights(config: TrainConfig, model: Graph): [string, Tensor][] {
  const isFrozen = frozenIn(config);
  const parameters = parametersOf(model).filter(({ name = "" }) => isFrozen(name));
  return [...parameters, ...statesOf(model)].map(({ name = "", tensor }) => [name, tensor as Tensor]);
}

function averaged(tensors: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  return new Map(
    [...tensors]
      .filter(([name]) => name.startsWith(EMA_PREFIX))
      .map(([name, content]) => [name.slice(EMA_PREFIX.length), content]),
  );
}
