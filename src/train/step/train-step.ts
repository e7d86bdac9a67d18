import { checkOptions } from "../../base/check-options.ts";
import { SenetError, usageError } from "../../base/errors.ts";
import type { GraphBuilder } from "../../ir/builder.ts";
import { type Graph, knownShape, parametersOf, statesOf, type Value } from "../../ir/graph.ts";
import { zeros } from "../../ir/tensor.ts";
import { newGraph } from "../../ops/new-graph.ts";
import { bindDims } from "../../passes/graph/bind-dims.ts";
import { checkFloat32 } from "../../passes/graph/check-float32.ts";
import { renameInput } from "../../passes/graph/rename-input.ts";
import { differentiate } from "../../passes/training/differentiate.ts";
import { toTraining } from "../../passes/training/to-training.ts";
import { trainPipeline } from "../../passes/training/train-pipeline.ts";
import { crossEntropy } from "./loss.ts";
import { blend, type Optimizer, type Slot, slotValue, type Update } from "./optimizers.ts";

/** Options of `trainStep`. */
export interface TrainStepOptions {
  readonly batch: number;
  readonly optimizer: Optimizer;
  /** From 0, below 1. Default 0. */
  readonly labelSmoothing?: number;
  /** Maximum Euclidean norm of all gradients together; longer ones are shortened to it. Default: no limit. */
  readonly clipNorm?: number | undefined;
  /** Decay of the moving average of weights kept beside them as `ema/…`. Default: none is kept. */
  readonly ema?: number | undefined;
  /**
   * Whether a parameter of this name stays as it is: no gradient is computed for it, and a frozen BatchNorm keeps its
   * statistics. Default: all learn.
   */
  readonly isFrozen?: (name: string) => boolean;
  /** Learning rate of the parameter of this name, as a multiple of the step's. Default 1 for all. */
  readonly rateOf?: (name: string) => number;
}

/** Before the name of a parameter or statistic: its moving average. */
export const EMA_PREFIX = "ema/";

/** One step of training as one graph: forward, loss, backward, update. */
export interface TrainStep {
  /**
   * Inputs `images`, `labels` (int64 [N]), `learning_rate`, any `noise.i`, and every slot by its name;
   * outputs `loss`, `logits`, and every slot as `next/…`.
   */
  readonly graph: Graph;
  readonly slots: readonly Slot[];
  /** Uniform [0, 1) noise to feed at each step, for dropout. */
  readonly noise: readonly Value[];
}

/**
 * The training step of a classification network, before lowering its composites: readable, countable, checkable.
 * `trainStep` is the same for the engine.
 *
 * Weight decay applies to weights of convolutions and linear layers, not to biases and BatchNorm.
 *
 * @param model one input, of images [N, C, H, W], whatever its name; output logits [N, K]
 * @throws SenetError `graph` when the model is not that or not of float32, `gradient` when it cannot be differentiated, `usage` when all is
 * frozen, or for an option outside its range
 * @example composeTrainStep(net, { batch: 128, optimizer: sgd() }).graph.nodes.filter(({ op }) => op === "ConvGradWeight")
 */
export function composeTrainStep(model: Graph, options: TrainStepOptions): TrainStep {
  checkOptions("trainStep", options, optionNames);
  const { batch, optimizer, labelSmoothing = 0, clipNorm, ema, rateOf = () => 1 } = options;
  checkValues(options);
  checkFloat32([...model.inputs, ...parametersOf(model), ...statesOf(model)], `Training ${model.name}`);
  const { isFrozen = () => false } = options;
  const bound = renameInput(bindDims(model, symbols(model, batch)), "images");
  const { graph, updates, noise } = toTraining(bound, { isFrozen });
  const b = newGraph(`${model.name}-step`, { from: { ...graph, outputs: [] } });
  const logits = graph.outputs[0].value;
  const labels = b.input("labels", "int64", [batch]);
  const learningRate = b.input("learning_rate", "float32", []);
  const loss = b.scope("loss", () => crossEntropy(b, logits, labels, labelSmoothing));

  const parameters = parametersOf(graph).filter(({ name = "" }) => !isFrozen(name));
  if (parameters.length === 0) {
    throw usageError(
      `Training ${model.name}: expected parameters that learn, found all frozen; freeze less.`,
    );
  }
  const gradients = clipped(b, differentiate(b, b.build(), loss, parameters), clipNorm);
  const slots = b.within("optimizer", () => [
    ...optimizer(
      b,
      parameters.map((parameter, i) => update(parameter, gradients[i], rateOf(parameter.name ?? ""))),
      learningRate,
    ),
    ...[...updates].map(([value, next]) => ({ value, next })),
  ]);
  if (ema !== undefined) {
    const averaged = slots.filter(({ value }) => value.role === "parameter" || updates.has(value));
    slots.push(...b.within("ema", () => averages(b, averaged, ema)));
  }

  b.feed(slots.map((slot) => slot.value));
  b.output("loss", loss);
  b.output("logits", logits);
  for (const { value, next } of slots) b.output(`next/${value.name}`, next);
  return { graph: b.build(), slots, noise };
}

/**
 * The training step in operators that the engine has. @see composeTrainStep
 *
 * @param block channels in a block of the engine's NCHWc convolutions on this machine, from `probeBlock`; plain
 * convolutions without it
 * @example trainStep(createModel("seresnet20"), { batch: 128, optimizer: sgd() }).graph
 */
export function trainStep(model: Graph, options: TrainStepOptions, block?: number): TrainStep {
  return lowerTrainStep(composeTrainStep(model, options), block);
}

/** A composed step in operators that the engine has. @see trainStep */
export function lowerTrainStep(step: TrainStep, block?: number): TrainStep {
  return { ...step, graph: trainPipeline(block).reduce((graph, pass) => pass(graph), step.graph) };
}

const optionNames = [
  "batch",
  "optimizer",
  "labelSmoothing",
  "clipNorm",
  "ema",
  "isFrozen",
  "rateOf",
] as const satisfies readonly (keyof TrainStepOptions)[];

function checkValues({ batch, optimizer, labelSmoothing = 0 }: TrainStepOptions): void {
  if (typeof optimizer !== "function") {
    throw outOfRange("optimizer", "what `sgd()` or `adamW()` returns", JSON.stringify(optimizer));
  }
  if (!(Number.isSafeInteger(batch) && batch >= 1)) {
    throw outOfRange("batch", "a whole number of at least 1", batch);
  }
  if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
    throw outOfRange("labelSmoothing", "a share of at least 0 and below 1", labelSmoothing);
  }
}

function outOfRange(option: string, expected: string, found: unknown): SenetError {
  return usageError(`${option}: expected ${expected}, found ${found}; correct the option.`);
}

function symbols(model: Graph, batch: number): Record<string, number> {
  const [images] = model.inputs;
  if (model.inputs.length !== 1 || images.shape.length !== 4 || model.outputs[0]?.value.shape.length !== 2) {
    throw new SenetError(
      "graph",
      `Training ${model.name}: expected one input of images [N, C, H, W] and logits [N, classes], found another kind of network; train an image classifier.`,
    );
  }
  const [n] = images.shape;
  if (typeof n === "string") return { [n]: batch };
  if (n === batch) return {};
  throw new SenetError(
    "graph",
    `Training ${model.name}: expected a symbolic batch or one of ${batch}, found ${n}; build the network with a symbolic batch.`,
  );
}

/** Vectors are biases and BatchNorm's scale and shift; they are not decayed. */
function update(parameter: Value, gradient: Value, rate: number): Update {
  return { parameter, gradient, decay: parameter.shape.length > 1, rate };
}

/** All gradients times min(1, limit / their common norm), as PyTorch's clip_grad_norm_. */
function clipped(b: GraphBuilder, gradients: readonly Value[], limit: number | undefined): readonly Value[] {
  if (limit === undefined) return gradients;
  return b.within("clip", () => {
    const squares = gradients.map((gradient) => b.op("ReduceSumSquare", [gradient], { keepdims: 0 }));
    const norm = b.op("Sqrt", [b.op("Sum", squares)]);
    const ratio = b.op("Div", [b.constant(limit), b.op("Add", [norm, b.constant(1e-6)])]);
    const factor = b.op("Min", [ratio, b.constant(1)]);
    return gradients.map((gradient) => b.op("Mul", [gradient, factor]));
  });
}

/** A moving average of each slot, which begins where the slot does. */
function averages(b: GraphBuilder, slots: readonly Slot[], decay: number): Slot[] {
  return slots.map(({ value, next }) => {
    const average = slotValue(`${EMA_PREFIX}${value.name}`, value.tensor ?? zeros(knownShape(value)));
    return { value: average, next: blend(b, average, next, decay) };
  });
}
