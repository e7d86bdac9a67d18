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
