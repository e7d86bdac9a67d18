import { checkOptions } from "../../base/check-options.ts";
import { usageError } from "../../base/errors.ts";
import type { GraphBuilder } from "../../ir/builder.ts";
import { knownShape, Value } from "../../ir/graph.ts";
import { scalar, type Tensor, zeros } from "../../ir/tensor.ts";

/** Something that one training step reads and writes: a parameter, a running statistic, a momentum. */
export interface Slot {
  /** What is fed. Its tensor is the content before the first step. */
  readonly value: Value;
  /** What the step makes of it. */
  readonly next: Value;
}

/** One parameter to be updated. */
export interface Update {
  readonly parameter: Value;
  readonly gradient: Value;
  /** Whether weight decay applies. */
  readonly decay: boolean;
  /** Its learning rate as a multiple of the step's. Default 1. */
  readonly rate?: number;
}

/** Appends the update of all parameters to a training step and returns every slot, the parameters' own included. */
export type Optimizer = (b: GraphBuilder, updates: readonly Update[], learningRate: Value) => Slot[];

/** Options of `sgd`. */
export interface SgdOptions {
  /** 0 ≤ µ < 1; default 0.9. */
  readonly momentum?: number;
  /** Default true. */
  readonly nesterov?: boolean;
  /** Default 5e-4. */
  readonly weightDecay?: number;
}

/**
 * Stochastic gradient descent with momentum, in PyTorch's form: v ← µ·v + g + λ·p; p ← p − lr·(g + λ·p + µ·v) with
 * Nesterov's look-ahead (Sutskever et al., 2013), p − lr·v without.
 *
 * @throws SenetError `usage` for a momentum outside of 0 ≤ µ < 1
 * @example trainStep(model, { batch: 32, optimizer: sgd({ momentum: 0.9 }) })
 */
export function sgd(options: SgdOptions = {}): Optimizer {
  checkOptions("sgd", options, ["momentum", "nesterov", "weightDecay"]);
  const { momentum = 0.9, nesterov = true, weightDecay = 5e-4 } = options;
  if (!(momentum >= 0 && momentum < 1)) {
    throw usageError(
      `sgd.momentum: expected a share of at least 0 and below 1, found ${momentum}; correct the option.`,
    );
  }
  return (b, updates, learningRate) => {
    const rateOf = ratesOf(b, learningRate);
    return updates.flatMap(({ parameter, gradient, decay, rate }) => {
      const g = decay ? addScaled(b, gradient, parameter, weightDecay) : gradient;
      if (momentum === 0) return [step(b, parameter, g, rateOf(rate))];
      const velocity = slotValue(`momentum/${parameter.name}`, zeros(knownShape(parameter)));
      const next = b.op("Add", [b.op("Mul", [velocity, b.constant(momentum)]), g]);
      const direction = nesterov ? addScaled(b, g, next, momentum) : next;
      return [step(b, parameter, direction, rateOf(rate)), { value: velocity, next }];
    });
  };
}

/** Options of `adamW`. */
export interface AdamWOptions {
  /** Decay of the mean of gradients and of their squares; default [0.9, 0.999]. */
  readonly betas?: readonly [number, number];
  /** Default 1e-8. */
  readonly epsilon?: number;
  /** Default 0.05. */
  readonly weightDecay?: number;
}

/**
 * AdamW (Loshchilov and Hutter, arXiv 1711.05101) as PyTorch computes it: weight decay is decoupled, p ← p·(1 − lr·λ), and the
 * means are corrected for their start at zero.
 *
 * @example trainStep(model, { batch: 32, optimizer: adamW({ weightDecay: 0.05 }) })
 */
export function adamW(options: AdamWOptions = {}): Optimizer {
  checkOptions("adamW", options, ["betas", "epsilon", "weightDecay"]);
  const { betas = [0.9, 0.999], epsilon = 1e-8, weightDecay = 0.05 } = options;
  return (b, updates, learningRate) => {
    // βᵗ is carried along as a separate number, so that the step needs no step counter.
    const powers = betas.map((beta, i) => {
      const value = slotValue(`beta${i + 1}_power`, scalar(1));
      return { value, next: b.op("Mul", [value, b.constant(beta)]) };
    });
    const [correction1, correction2] = powers.map(({ next }) => b.op("Sub", [b.constant(1), next]));
    const correctedRate = ratesOf(b, b.op("Div", [learningRate, correction1]));
    const rootCorrection2 = b.op("Sqrt", [correction2]);
    const lost = ratesOf(b, b.op("Mul", [learningRate, b.constant(weightDecay)]));

    const slots = updates.flatMap(({ parameter, gradient, decay, rate }) => {
      const shape = knownShape(parameter);
      const mean = slotValue(`exp_avg/${parameter.name}`, zeros(shape));
      const square = slotValue(`exp_avg_sq/${parameter.name}`, zeros(shape));
      const nextMean = blend(b, mean, gradient, betas[0]);
      const nextSquare = blend(b, square, b.op("Mul", [gradient, gradient]), betas[1]);
      const root = b.op("Div", [b.op("Sqrt", [nextSquare]), rootCorrection2]);
      const direction = b.op("Div", [nextMean, b.op("Add", [root, b.constant(epsilon)])]);
      const decayed = decay ? b.op("Mul", [parameter, b.op("Sub", [b.constant(1), lost(rate)])]) : parameter;
      const next = b.op("Sub", [decayed, b.op("Mul", [direction, correctedRate(rate)])]);
      return [
        { value: parameter, next },
        { value: mean, next: nextMean },
        { value: square, next: nextSquare },
      ];
    });
    return [...powers, ...slots];
  };
}

/** Exponential moving average: decay·average + (1 − decay)·fresh. */
export function blend(b: GraphBuilder, average: Value, fresh: Value, decay: number): Value {
  return b.op("Add", [
    b.op("Mul", [average, b.constant(decay)]),
    b.op("Mul", [fresh, b.constant(1 - decay)]),
  ]);
}

/** A value that a step carries from one run to the next. */
export function slotValue(name: string, tensor: Tensor): Value {
  return new Value("state", tensor.dtype, tensor.shape, { name, tensor });
}

/** A rate times a factor, computed once for each factor. */
function ratesOf(b: GraphBuilder, rate: Value): (factor?: number) => Value {
  const rates = new Map([[1, rate]]);
  return (factor = 1) => {
    const known = rates.get(factor) ?? b.op("Mul", [rate, b.constant(factor)]);
    rates.set(factor, known);
    return known;
  };
}

function step(b: GraphBuilder, parameter: Value, direction: Value, learningRate: Value): Slot {
  return { value: parameter, next: b.op("Sub", [parameter, b.op("Mul", [direction, learningRate])]) };
}

function addScaled(b: GraphBuilder, x: Value, y: Value, factor: number): Value {
  return factor === 0 ? x : b.op("Add", [x, b.op("Mul", [y, b.constant(factor)])]);
}
