import { SenetError } from "../errors.ts";
import type { GraphBuilder } from "../ir/builder.ts";
import type { Value } from "../ir/graph.ts";
import { hardSigmoid, relu, sigmoid } from "./activations.ts";
import { conv2d } from "./conv2d.ts";
import { globalAveragePool } from "./pooling.ts";

/** How a Squeeze-and-Excitation block is made. */
export interface SEOptions {
  /** Reduction ratio r: the hidden layer has C/r units. Default 16 (the paper's). */
  readonly reduction?: number;
  /** Least number of hidden units, for narrow networks. Default 4. */
  readonly minimumHidden?: number;
  /** Biases in both layers: off in the paper's ablations, on in the released networks and in timm. Default true. */
  readonly bias?: boolean;
  /** What turns the excitation into a gate between 0 and 1. Default `"sigmoid"`. */
  readonly gate?: Gate;
}

const gates = { sigmoid, "hard-sigmoid": hardSigmoid } as const;

export type Gate = keyof typeof gates;

/** Hidden units of the excitation for a map of `channels`: max(minimum, ⌊C/r⌋). */
export function hiddenWidth(channels: number, { reduction = 16, minimumHidden = 4 }: SEOptions = {}): number {
  if (!(reduction > 0 && minimumHidden >= 1 && Number.isInteger(minimumHidden))) {
    throw new SenetError(
      "usage",
      `SE block: expected a reduction above 0 and a whole minimum of at least 1 hidden unit, found ${reduction} and ${minimumHidden}.`,
    );
  }
  return Math.max(minimumHidden, Math.floor(channels / reduction));
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
 * @example squeezeExcite(b, "se", x, { reduction: 8 })
 */
export function squeezeExcite(b: GraphBuilder, name: string, x: Value, options: SEOptions = {}): Value {
  const { bias = true, gate = "sigmoid" } = options;
  const channels = Number(x.shape[1]);
  return b.scope(name, () => {
    const squeezed = globalAveragePool(b, x);
    const hidden = relu(b, conv2d(b, "fc1", squeezed, { out: hiddenWidth(channels, options), bias }));
    const excitation = conv2d(b, "fc2", hidden, { out: channels, bias });
    return b.op("Mul", [x, gates[gate](b, excitation)]);
  });
}
