import { SenetError } from "../errors.ts";
import type { GraphBuilder } from "../ir/builder.ts";
import type { Value } from "../ir/graph.ts";
import { knownDim } from "../ops/shared.ts";
import { type Activation, activations, hardSigmoid, sigmoid } from "./activations.ts";
import { conv2d } from "./conv2d.ts";
import { globalAveragePool } from "./pooling.ts";

/** What may turn an excitation into a gate between 0 and 1. */
export const gateNames = ["sigmoid", "hard-sigmoid"] as const;

export type Gate = (typeof gateNames)[number];

/** What may become of the map before the excitation: its mean, or nothing (the paper's NoSqueeze). */
export const squeezeNames = ["average", "none"] as const;

export type Squeeze = (typeof squeezeNames)[number];

/** How a Squeeze-and-Excitation block is made. */
export interface SEOptions {
  /** Reduction ratio r: the hidden layer has C/r units. Default 16 (the paper's). */
  readonly reduction?: number;
  /** Least number of hidden units, for narrow networks. Default 4. */
  readonly minimumHidden?: number;
  /** The hidden units are rounded to a multiple of this, as MobileNet does; see `hiddenWidth`. Default 1: rounded down. */
  readonly divisor?: number;
  /** Biases in both layers: off in the paper's ablations, on in the released networks and in timm. Default true. */
  readonly bias?: boolean;
  /** After the hidden layer. Default `"relu"`. */
  readonly activation?: Activation;
  /** What turns the excitation into a gate between 0 and 1. Default `"sigmoid"`. */
  readonly gate?: Gate;
  /** `"none"` leaves the pool out, so that every pixel has a gate of its own (the paper's NoSqueeze). Default `"average"`. */
  readonly squeeze?: Squeeze;
}

/** What a network family decides about its blocks, beside what one may choose. */
export interface SEFamily {
  /** Names of the two layers. Default `fc1` and `fc2`, timm's. */
  readonly layers?: readonly [string, string];
  /** Channels of which the hidden layer is a share, where they are not the map's: EfficientNet and RegNet take the unit's input. */
  readonly reducedFrom?: number;
}

const gates = { sigmoid, "hard-sigmoid": hardSigmoid } as const satisfies Record<Gate, unknown>;

/** Rounding to a multiple may take away at most a tenth (MobileNet's rule, as in timm's `make_divisible`). */
const KEPT_SHARE = 0.9;

/**
 * Hidden units of the excitation for a map of `channels`: max(minimum, ⌊C/r⌋), or with a divisor d the multiple of d nearest to
 * C/r, at least d, and the next one up where that would be less than 90 % of C/r.
 *
 * @throws SenetError `usage` for a reduction, minimum or divisor that makes no sense
 * @example hiddenWidth(72, { reduction: 4, divisor: 8 }) // 24: 16 would be less than 90 % of 18
 */
export function hiddenWidth(
  channels: number,
  { reduction = 16, minimumHidden = 4, divisor = 1 }: SEOptions = {},
): number {
  if (!(reduction > 0) || ![minimumHidden, divisor].every((count) => Number.isInteger(count) && count >= 1)) {
    throw new SenetError(
      "usage",
      `SE block: expected a reduction above 0 and a whole minimum and divisor of at least 1, found ${reduction}, ${minimumHidden} and ${divisor}.`,
    );
  }
  const wanted = channels / reduction;
  if (divisor === 1) return Math.max(minimumHidden, Math.floor(wanted));
  const nearest = Math.max(divisor, Math.floor((wanted + divisor / 2) / divisor) * divisor);
  return Math.max(minimumHidden, nearest < KEPT_SHARE * wanted ? nearest + divisor : nearest);
}

/**
 * Squeeze-and-Excitation (arXiv 1709.01507, section 3): squeeze each channel to its mean, excite the means through
 * two small layers into one gate per channel, scale the map by the gates.
 *
 * Parameters under scope `name`: `fc1.weight` [C/r,C,1,1], `fc1.bias`, `fc2.weight` [C,C/r,1,1], `fc2.bias`
 * (timm's names; 1×1 convolutions on a 1×1 map are fully connected layers).
 *
 * @param x feature map [N,C,H,W]
 * @returns a map of the same shape
 * @throws SenetError `usage` for a hidden width that makes no sense, `shape` for a symbolic count of channels
 * @example squeezeExcite(b, "se", x, { reduction: 8 })
 */
export function squeezeExcite(
  b: GraphBuilder,
  name: string,
  x: Value,
  options: SEOptions = {},
  family: SEFamily = {},
): Value {
  const { bias = true, activation = "relu", gate = "sigmoid", squeeze = "average" } = options;
  return b.scope(name, () => {
    const channels = knownDim(x.shape, 1, `SE block ${b.path()}`);
    const { layers = ["fc1", "fc2"], reducedFrom = channels } = family;
    const squeezed = squeeze === "none" ? x : globalAveragePool(b, x);
    const reduced = conv2d(b, layers[0], squeezed, { out: hiddenWidth(reducedFrom, options), bias });
    const hidden = activations[activation](b, reduced);
    const excitation = conv2d(b, layers[1], hidden, { out: channels, bias });
    return b.op("Mul", [x, gates[gate](b, excitation)]);
  });
}
