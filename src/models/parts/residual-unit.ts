import type { GraphBuilder } from "../../ir/builder.ts";
import type { Value } from "../../ir/graph.ts";
import { relu } from "../../nn/activations.ts";
import { convNorm } from "../../nn/conv-norm.ts";
import type { Conv2dOptions } from "../../nn/conv2d.ts";
import type { Placement } from "../../nn/se-names.ts";
import { type StagePlan, seAt, type UnitSE } from "./se-plan.ts";

export interface ResidualUnit extends UnitSE {
  /** Input → branch; `afterConv3x3` must be applied to the output of its 3×3 convolution, BatchNorm and activation. */
  branch(x: Value, afterConv3x3: (y: Value) => Value): Value;
  /** Input → shortcut; none for a unit without one. */
  readonly shortcut?: ((x: Value) => Value) | undefined;
  /** Branch and shortcut → the unit's output before its activation. Default: their sum. */
  readonly join?: (branch: Value, shortcut: Value) => Value;
  /** After the sum. Default ReLU. */
  readonly activate?: (b: GraphBuilder, sum: Value) => Value;
}

/** Branch plus shortcut with the SE block where the plan wants it (SENet paper, figures 3 and 5). */
export function residualUnit(b: GraphBuilder, x: Value, unit: ResidualUnit): Value {
  const { branch, shortcut, activate = relu } = unit;
  const { join = (left: Value, right: Value) => b.op("Add", [left, right]) } = unit;
  const at = (place: Placement, y: Value) => seAt(b, place, y, unit);
  const residual = at(
    "standard",
    branch(at("pre", x), (y) => at("conv3x3", y)),
  );
  const joined = shortcut ? join(residual, at("identity", shortcut(x))) : residual;
  return at("post", activate(b, joined));
}

/** What a stage decides about one of its units. */
export interface UnitPlace {
  readonly out: number;
  readonly stride: number;
  readonly se: StagePlan | undefined;
}

export interface BasicBranch {
  readonly out: number;
  /** Of the first convolution. */
  readonly stride: number;
  afterConv3x3(y: Value): Value;
}

/**
 * Two 3×3 convolutions, `conv1` and `conv2`, each with BatchNorm, `bn1` and `bn2`, and a ReLU between (arXiv 1512.03385,
 * figure 5, left): [N,C,H,W] → [N,out,⌈H/stride⌉,⌈W/stride⌉].
 */
export function basicBranch(b: GraphBuilder, x: Value, { out, stride, afterConv3x3 }: BasicBranch): Value {
  const inner = convNorm(b, ["conv1", "bn1"], x, { out, kernel: 3, stride }, relu);
  return convNorm(b, ["conv2", "bn2"], afterConv3x3(inner), { out, kernel: 3 });
}

/** The shortcut of a unit that changes shape: convolution `downsample.0`, 1×1 unless `kernel` says otherwise, and BatchNorm `downsample.1`. */
export function projection(
  b: GraphBuilder,
  x: Value,
  options: Pick<Conv2dOptions, "out" | "stride" | "kernel">,
): Value {
  return b.scope("downsample", () => convNorm(b, ["0", "1"], x, options));
}
