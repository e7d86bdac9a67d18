import type { GraphBuilder } from "../ir/builder.ts";
import type { Value } from "../ir/graph.ts";
import { relu } from "../nn/activations.ts";
import { type SEFamily, squeezeExcite } from "../nn/se.ts";
import type { Placement, SEPlan } from "./se-plan.ts";

export interface ResidualUnit {
  /** The SE block, if the unit has one. */
  readonly se: SEPlan | undefined;
  /** What the SE block is called. Default `se`. */
  readonly seName?: string;
  readonly seFamily?: SEFamily;
  /** Input → branch; `afterConv3x3` is to be applied to what its 3×3 convolution, BatchNorm and activation give. */
  branch(x: Value, afterConv3x3: (y: Value) => Value): Value;
  /** Input → shortcut. */
  shortcut(x: Value): Value;
  /** After the sum. Default ReLU. */
  readonly activate?: (b: GraphBuilder, sum: Value) => Value;
}

/** Branch plus shortcut with the SE block where the plan wants it (SENet paper, figures 3 and 5). */
export function residualUnit(b: GraphBuilder, x: Value, unit: ResidualUnit): Value {
  const { se, seName = "se", seFamily, branch, shortcut, activate = relu } = unit;
  const at = (place: Placement, y: Value) =>
    se && (se.placement ?? "standard") === place ? squeezeExcite(b, seName, y, se, seFamily) : y;
  const residual = at(
    "standard",
    branch(at("pre", x), (y) => at("conv3x3", y)),
  );
  const sum = b.op("Add", [residual, at("identity", shortcut(x))]);
  return at("post", activate(b, sum));
}
