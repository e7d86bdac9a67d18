import type { GraphBuilder } from "../../ir/builder.ts";
import type { Value } from "../../ir/graph.ts";
import type { SEPlaces, SEPlan } from "./se-plan.ts";

/** How images become a network's input: resized, cropped at the center, scaled to 0…`pixelRange`, normalized. */
export interface Preprocessing {
  /** Per channel, in the order of `colorOrder`, of pixels from 0 to `pixelRange`. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** What a white pixel is before it is normalized. */
  readonly pixelRange: 1 | 255;
  readonly colorOrder: "RGB" | "BGR";
  readonly interpolation: "bilinear" | "bicubic";
  /** The short side is resized to input / cropFraction, of which the center is kept. */
  readonly cropFraction: number;
}

/** What the registry says of one network. */
export interface ModelEntry {
  /** Channels, height, width the network was designed for; others work too. */
  readonly input: readonly [number, number, number];
  readonly classes: number;
  readonly description: string;
  readonly preprocessing: Preprocessing;
  /** The SE blocks it has, if any. */
  readonly se?: SEPlan;
  /** Where it has room for SE blocks. */
  readonly places: SEPlaces;
  /** Images [N,C,H,W] → logits [N, classes]. */
  build(b: GraphBuilder, x: Value, options: BuildOptions): Value;
}

/** Arguments of the function that builds a network. */
export interface BuildOptions {
  readonly classes: number;
  readonly se?: SEPlan;
}
