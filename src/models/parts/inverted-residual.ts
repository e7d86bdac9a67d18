import type { GraphBuilder } from "../../ir/builder.ts";
import type { Value } from "../../ir/graph.ts";
import { type Activate, convNorm } from "../../nn/conv-norm.ts";
import { residualUnit } from "./residual-unit.ts";
import type { StagePlan } from "./se-plan.ts";

export interface InvertedResidual {
  /** Channels of the depthwise convolution; as many as the input has: no convolution expands it. */
  readonly expanded: number;
  /** Of the depthwise convolution. */
  readonly kernel: number;
  readonly stride: number;
  readonly out: number;
  readonly activate: Activate;
  /** The SE block, if the unit has one; these networks have it after the depthwise convolution (`conv3x3`). */
  readonly se: StagePlan | undefined;
  /** Channels that the hidden width is a share of, if not `expanded`. */
  readonly reducedFrom?: number;
}

/**
 * The unit of MobileNetV2 and its descendants (arXiv 1801.04381; with SE: 1807.11626, 1905.02244): 1×1 expansion, depthwise
 * convolution, SE block, 1×1 projection without activation, and the input added where the shapes agree.
 *
 * Parameter names are timm's: `conv_pw`, `bn1`, `conv_dw`, `bn2`, `se.conv_reduce`, `se.conv_expand`, `conv_pwl`, `bn3`; without
 * expansion `conv_dw`, `bn1`, `se`, `conv_pw`, `bn2`.
 *
 * @param x [N,C,H,W]
 * @returns [N,out,⌈H/stride⌉,⌈W/stride⌉]
 */
export function invertedResidual(b: GraphBuilder, x: Value, unit: InvertedResidual): Value {
  const { expanded, kernel, stride, out, activate, se, reducedFrom } = unit;
  const expands = expanded !== x.shape[1];
  const [norm, project, projectNorm] = expands ? ["bn2", "conv_pwl", "bn3"] : ["bn1", "conv_pw", "bn2"];
  const depthwise = { out: expanded, kernel, stride, groups: expanded };
  return residualUnit(b, x, {
    se,
    seFamily: { layers: ["conv_reduce", "conv_expand"], ...(reducedFrom && { reducedFrom }) },
    branch(input, afterDepthwise) {
      const wide = expands ? convNorm(b, ["conv_pw", "bn1"], input, { out: expanded }, activate) : input;
      const inner = convNorm(b, ["conv_dw", norm], wide, depthwise, activate);
      return convNorm(b, [project, projectNorm], afterDepthwise(inner), { out });
    },
    shortcut: stride === 1 && out === x.shape[1] ? (input) => input : undefined,
    activate: (_, y) => y,
  });
}
