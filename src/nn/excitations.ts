import type { GraphBuilder } from "../ir/builder.ts";
import type { Value } from "../ir/graph.ts";
import { knownDim } from "../ops/shared.ts";
import { activations } from "./activations.ts";
import { batchNorm } from "./batch-norm.ts";
import { conv2d } from "./conv2d.ts";
import { parseWidth, type SEOptions } from "./se-options.ts";
import type { Descriptor } from "./squeezes.ts";

/** What a network family fixes about its blocks, besides what users may choose. */
export interface SEFamily {
  /** Names of the two layers of the usual block. Default `fc1` and `fc2`, timm's. */
  readonly layers?: readonly [string, string];
  /** Channels that the hidden width is a share of, where they are not the map's: EfficientNet and RegNet use those of the unit's input. */
  readonly reducedFrom?: number;
}

/** Rounding to a multiple may take away at most a tenth (MobileNet's rule, as in timm's `make_divisible`). */
const KEPT_SHARE = 0.9;

/**
 * Units of the hidden layers of an excitation for a map of C `channels`. A width that is a share of C is max(minimum, ⌊share⌋), or with
 * a divisor d the multiple of d nearest to the share, at least d, and the next one up where that would be less than 90 % of
 * the share. A width that is a number is taken as it is.
 *
 * @param options as `checkSEOptions` allows them
 * @example hiddenWidths(72, { reduction: 4, divisor: 8 }) // [24]: 16 would be less than 90 % of 18
 * @example hiddenWidths(64, { hidden: ["C/r", "2C/r", 10] }) // [4, 8, 10]
 */
export function hiddenWidths(
  channels: number,
  { hidden = ["C/r"], reduction = 16, minimumHidden = 4, divisor = 1 }: SEOptions = {},
): number[] {
  return hidden.map((width) => {
    if (typeof width === "number") return width;
    const share = parseWidth(width) ?? { factor: 1, divisor: "r" };
    const wanted = (share.factor * channels) / (share.divisor === "r" ? reduction : share.divisor);
    if (divisor === 1) return Math.max(minimumHidden, Math.floor(wanted));
    const nearest = Math.max(divisor, Math.floor((wanted + divisor / 2) / divisor) * divisor);
    return Math.max(minimumHidden, nearest < KEPT_SHARE * wanted ? nearest + divisor : nearest);
  });
}

/**
 * Fully connected layers from a descriptor to one number per channel (SENet paper, section 3.2), written as convolutions: 1×1, the first of the
 * descriptor's size where it reads all positions together. Parameters `fc1.weight`, `fc1.bias`, `bn1.weight`, …, `fc2.weight`, …
 */
export function fullyConnected(
  b: GraphBuilder,
  { descriptor, together }: Descriptor,
  channels: number,
  options: SEOptions,
  { layers, reducedFrom = channels }: SEFamily,
): Value {
  const { bias = true, norm = false, activation = "relu" } = options;
  const widths = hiddenWidths(reducedFrom, options);
  const nameOf = (i: number) => (widths.length === 1 && layers?.[i]) || `fc${i + 1}`;
  const whole = [Number(descriptor.shape[2]), Number(descriptor.shape[3])] as const;
  let y = descriptor;
  for (const [i, out] of [...widths, channels].entries()) {
    const kernel = together && i === 0 ? whole : 1;
    y = conv2d(b, nameOf(i), y, { out, kernel, padding: 0, bias });
    if (i === widths.length) break;
    if (norm) y = batchNorm(b, `bn${i + 1}`, y);
    y = activations[activation](b, y);
  }
  return y;
}

/** Neighbors that a channel's gate depends on: ECA's |log₂C / 2 + 1 / 2|, made odd (arXiv 1910.03151, equation 12). */
export function ecaKernel(channels: number): number {
  const size = Math.trunc(Math.abs(Math.log2(channels) / 2 + 0.5));
  return size % 2 === 1 ? size : size + 1;
}

/**
 * One convolution along the channels, without bias, instead of fully connected layers (ECA-Net, Wang et al., arXiv 1910.03151): each gate
 * depends on the descriptors of a few neighboring channels. Several numbers per channel, or positions that are read together, each become an
 * input channel of the convolution. Parameter `conv.weight` [1, S·h·w, k, 1].
 */
export function channelConvolution(
  b: GraphBuilder,
  { descriptor, together }: Descriptor,
  channels: number,
): Value {
  const what = `SE block ${b.path()}`;
  const [rows, height, width] = [1, 2, 3].map((axis) => knownDim(descriptor.shape, axis, what));
  const places = height * width;
  const kernel = ecaKernel(channels);
  const convolved = (column: Value) =>
    conv2d(b, "conv", column, { out: 1, kernel: [kernel, 1], padding: [(kernel - 1) / 2, 0] });
  if (!together) {
    // [N,S·C,h,w] → [N,S,C,h·w]: channels are a column at each place.
    const column = b.op("Reshape", [descriptor, b.constant([0, rows / channels, channels, places])]);
    return b.op("Reshape", [convolved(column), b.constant([0, channels, height, width])]);
  }
  // [N,C,h,w] → [N,h·w,C,1]: a position becomes a channel, and the channels a column.
  const flat = b.op("Reshape", [descriptor, b.constant([0, channels, places])]);
  const turned = b.op("Transpose", [flat], { perm: [0, 2, 1] });
  const column = b.op("Reshape", [turned, b.constant([0, places, channels, 1])]);
  return b.op("Reshape", [convolved(column), b.constant([0, channels, 1, 1])]);
}
