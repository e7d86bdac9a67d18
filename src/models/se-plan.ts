import { nearest, SenetError } from "../errors.ts";
import { activationNames } from "../nn/activations.ts";
import { gateNames, type SEOptions, squeezeNames } from "../nn/se.ts";

/**
 * Where in a residual unit the SE block stands (SENet paper, section 6.5): on the branch before the sum (`standard`), on the
 * branch before everything else (`pre`), after sum and activation (`post`), on the shortcut (`identity`), or right after
 * the 3×3 convolution with its BatchNorm and activation (`conv3x3`).
 */
export const placements = ["standard", "pre", "post", "identity", "conv3x3"] as const;

export type Placement = (typeof placements)[number];

/** A stage of residual units, in the paper's numbers: stage 2 is `layer1`, the first after the stem. */
export type Stage = 2 | 3 | 4 | 5;

/** The SE blocks of a whole network. */
export interface SEPlan extends SEOptions {
  /** Default `"standard"`. Residual networks only. */
  readonly placement?: Placement;
  /** Stages that have blocks. Default all. Residual networks only. */
  readonly stages?: readonly Stage[];
}

/** What the stage of an index from 0 gets of a plan: all of it, or no blocks. */
export function forStage(plan: SEPlan | undefined, index: number): SEPlan | undefined {
  return plan?.stages === undefined || plan.stages.some((stage) => stage === index + 2) ? plan : undefined;
}

/**
 * Checks a plan's names and stages, which may come from where no types are checked.
 *
 * @param what names the network for messages
 * @param stages that the network has
 * @throws SenetError `usage` with what is allowed
 */
export function checkPlan(plan: SEPlan, what: string, stages: readonly Stage[]): void {
  for (const [option, known] of Object.entries(names)) {
    const found = plan[option as keyof typeof names];
    if (found === undefined || (known as readonly string[]).includes(found)) continue;
    throw new SenetError(
      "usage",
      `${what}: expected the ${option} of its SE blocks to be ${known.join(", ")}, found "${found}"${nearest(`${found}`, known)}.`,
    );
  }
  if (plan.stages === undefined) return;
  const wrong = plan.stages.filter((stage) => !stages.includes(stage));
  if (wrong.length === 0 && plan.stages.length > 0) return;
  throw new SenetError(
    "usage",
    `${what}: expected stages with SE blocks among ${stages.join(", ")}, found ${wrong.join(", ") || "none"}; \`se: false\` leaves all blocks out.`,
  );
}

/** The options of a plan that are names, and what they may be. */
const names = {
  placement: placements,
  activation: activationNames,
  gate: gateNames,
  squeeze: squeezeNames,
} as const satisfies Partial<Record<keyof SEPlan, readonly string[]>>;

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
