import type { SEOptions } from "../nn/se.ts";

/**
 * Where in a residual unit the SE block stands (SENet paper, section 6.5): on the branch before the sum (`standard`), on the
 * branch before everything else (`pre`), after sum and activation (`post`), on the shortcut (`identity`), or right after
 * the 3×3 convolution with its BatchNorm and activation (`conv3x3`).
 */
export const placements = ["standard", "pre", "post", "identity", "conv3x3"] as const;

export type Placement = (typeof placements)[number];

/** The SE blocks of a whole network. */
export interface SEPlan extends SEOptions {
  /** Default `"standard"`. Residual networks only. */
  readonly placement?: Placement;
  /** Stages that have blocks, in the paper's numbers: stage 2 is `layer1`, the first after the stem. Default all. Residual networks only. */
  readonly stages?: readonly number[];
}

/** What a stage gets of a plan: all of it, or no blocks. */
export function forStage(plan: SEPlan | undefined, stage: number): SEPlan | undefined {
  return plan?.stages === undefined || plan.stages.includes(stage) ? plan : undefined;
}

/** The paper's block: ⌊C/16⌋ hidden units. */
export const paperSE: SEPlan = { reduction: 16, minimumHidden: 1 };

/** timm's `SEModule`: C/16 rounded to a multiple of 8. */
export const timmSE: SEPlan = { reduction: 16, divisor: 8 };

/** CIFAR networks are narrow: C/16 of 16 channels would be one hidden unit, so at least 4 are kept. */
export const cifarSE: SEPlan = { reduction: 16, minimumHidden: 4 };

/** MobileNetV3's: a quarter, rounded to a multiple of 8, and a cheap gate. */
export const mobileNetV3SE: SEPlan = { reduction: 4, minimumHidden: 1, divisor: 8, gate: "hard-sigmoid" };

/** EfficientNet's: a quarter of the unit's input channels. */
export const efficientNetSE: SEPlan = { reduction: 4, minimumHidden: 1, activation: "silu" };

/** RegNet's: a quarter of the unit's input channels, after the 3×3 convolution. */
export const regNetSE: SEPlan = { reduction: 4, minimumHidden: 1, placement: "conv3x3" };
