import type { GraphBuilder } from "../../ir/builder.ts";
import type { Value } from "../../ir/graph.ts";
import { hardSwish, relu } from "../../nn/activations.ts";
import { convNorm } from "../../nn/conv-norm.ts";
import { conv2d } from "../../nn/conv2d.ts";
import { dropout } from "../../nn/dropout.ts";
import { linear } from "../../nn/linear.ts";
import { globalAveragePool } from "../../nn/pooling.ts";
import { invertedResidual } from "../parts/inverted-residual.ts";
import type { BuildOptions } from "../parts/model-entry.ts";
import { forStage } from "../parts/se-plan.ts";

/** A row of the paper's tables 1 and 2. */
type Unit = readonly [
  kernel: number,
  expanded: number,
  out: number,
  se: "SE" | "-",
  activation: "RE" | "HS",
  stride: number,
];

interface Design {
  readonly stages: readonly (readonly Unit[])[];
  /** Channels of the last convolution of the map, and of the one after the pool. */
  readonly last: number;
  readonly head: number;
}

const large: Design = {
  stages: [
    [[3, 16, 16, "-", "RE", 1]],
    [
      [3, 64, 24, "-", "RE", 2],
      [3, 72, 24, "-", "RE", 1],
    ],
    [
      [5, 72, 40, "SE", "RE", 2],
      [5, 120, 40, "SE", "RE", 1],
      [5, 120, 40, "SE", "RE", 1],
    ],
    [
      [3, 240, 80, "-", "HS", 2],
      [3, 200, 80, "-", "HS", 1],
      [3, 184, 80, "-", "HS", 1],
      [3, 184, 80, "-", "HS", 1],
    ],
    [
      [3, 480, 112, "SE", "HS", 1],
      [3, 672, 112, "SE", "HS", 1],
    ],
    [
      [5, 672, 160, "SE", "HS", 2],
      [5, 960, 160, "SE", "HS", 1],
      [5, 960, 160, "SE", "HS", 1],
    ],
  ],
  last: 960,
  head: 1280,
};

const small: Design = {
  stages: [
    [[3, 16, 16, "SE", "RE", 2]],
    [
      [3, 72, 24, "-", "RE", 2],
      [3, 88, 24, "-", "RE", 1],
    ],
    [
      [5, 96, 40, "SE", "HS", 2],
      [5, 240, 40, "SE", "HS", 1],
      [5, 240, 40, "SE", "HS", 1],
    ],
    [
      [5, 120, 48, "SE", "HS", 1],
      [5, 144, 48, "SE", "HS", 1],
    ],
    [
      [5, 288, 96, "SE", "HS", 2],
      [5, 576, 96, "SE", "HS", 1],
      [5, 576, 96, "SE", "HS", 1],
    ],
  ],
  last: 576,
  head: 1024,
};

const activations = { RE: relu, HS: hardSwish } as const;

/**
 * MobileNetV3 of width 1 (Howard et al., arXiv 1905.02244), with an SE block after the depthwise convolution of the units that its tables
 * mark. The last convolution is after the pool, and dropout 0.2 before the classifier (sections 5.1, 6.1.1).
 *
 * Parameter names are timm's: `conv_stem.weight`, `bn1.weight`, `blocks.2.0.conv_pw.weight`, `blocks.2.0.se.conv_reduce.weight`,
 * `blocks.6.0.conv.weight`, `conv_head.bias`, `classifier.weight`.
 *
 * @returns a builder of images [N,3,H,W] → logits [N, classes]; any H and W
 */
function mobileNetV3({ stages, last, head }: Design) {
  return (b: GraphBuilder, images: Value, { classes, se }: BuildOptions): Value => {
    let y = convNorm(b, ["conv_stem", "bn1"], images, { out: 16, kernel: 3, stride: 2 }, hardSwish);
    for (const [i, units] of stages.entries()) {
      for (const [j, [kernel, expanded, out, block, activation, stride]] of units.entries()) {
        const activate = activations[activation];
        const plan = block === "SE" ? forStage(se, i + 1) : undefined;
        const unit = { kernel, expanded, out, stride, activate, se: plan };
        y = b.scope(`blocks.${i}.${j}`, () => invertedResidual(b, y, unit));
      }
    }
    y = b.scope(`blocks.${stages.length}.0`, () => convNorm(b, ["conv", "bn1"], y, { out: last }, hardSwish));
    y = hardSwish(b, conv2d(b, "conv_head", globalAveragePool(b, y), { out: head, bias: true }));
    return linear(b, "classifier", dropout(b, b.op("Flatten", [y]), 0.2), { out: classes });
  };
}

/** The paper's table 1: logits [N, classes] of images [N,3,H,W]. */
export const mobileNetV3Large = mobileNetV3(large);

/** The paper's table 2. */
export const mobileNetV3Small = mobileNetV3(small);
