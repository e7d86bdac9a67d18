// The names of SE block options, apart from their implementations, so that the command line can list them without loading these.

/** The squeezes: how a map becomes the descriptor that the excitation reads. Implemented in `squeezes.ts`. */
export const squeezeNames = ["avg", "max", "avg+max", "avg+std", "grid", "flatten", "tile", "none"] as const;

/** One of `squeezeNames`. */
export type Squeeze = (typeof squeezeNames)[number];

/** What computes the gates: fully connected layers (the paper), or one 1-D convolution over neighboring channels (ECA). */
export const excitationNames = ["fc", "eca"] as const;

/** One of `excitationNames`. */
export type Excitation = (typeof excitationNames)[number];

/** The gates: functions that turn an excitation into factors. Implemented in `gates.ts`. */
export const gateNames = ["sigmoid", "hard-sigmoid", "tanh", "relu", "softmax"] as const;

/** One of `gateNames`. */
export type Gate = (typeof gateNames)[number];

/**
 * Where in a unit the SE block may stand (SENet paper, section 6.5). In a residual unit: on the branch before the sum (`standard`), on the
 * branch before everything else (`pre`), after sum and activation (`post`), on the shortcut (`identity`), or right after
 * the 3×3 convolution with its BatchNorm and activation (`conv3x3`; in MobileNets the depthwise one, of any size). Units without a
 * shortcut have `standard`, after their last activation or concatenation, and `pre`, before everything else.
 */
export const placements = ["standard", "pre", "post", "identity", "conv3x3"] as const;

/** One of `placements`. */
export type Placement = (typeof placements)[number];
