import type { GraphBuilder } from "../../ir/builder.ts";
import type { Value } from "../../ir/graph.ts";
import { relu6 } from "../../nn/activations.ts";
import { convNorm } from "../../nn/conv-norm.ts";
import { classifier } from "../parts/classifier.ts";
import type { BuildOptions } from "../parts/model-entry.ts";
import { residualUnit, type UnitPlace } from "../parts/residual-unit.ts";
import { forStage } from "../parts/se-plan.ts";

/** Units and output channels of each stage; all but the first stage halve the map (arXiv 1704.04861, table 1). */
const stages = [
  { units: 1, out: 64 },
  { units: 2, out: 128 },
  { units: 2, out: 256 },
  { units: 6, out: 512 },
  { units: 2, out: 1024 },
] as const;

/**
 * MobileNet-v1, width 1 (Howard et al., arXiv 1704.04861): 13 units of a depthwise 3×3 and a pointwise convolution, each with
 * BatchNorm and ReLU6, as in the authors' code and timm. SE blocks, if wanted, follow each unit, so they scale what the pointwise
 * convolution gives after BatchNorm and activation; before them is a non-linearity, as in the paper's VGG.
 *
 * Parameter names are timm's: `conv_stem.weight`, `bn1.weight`, `blocks.1.0.conv_dw.weight`, `blocks.1.0.bn1.weight`,
 * `blocks.1.0.conv_pw.weight`, `blocks.1.0.bn2.weight`, `blocks.1.0.se.fc1.weight`, `classifier.weight`.
 *
 * @returns logits [N, classes] of images [N,3,H,W]; any H and W
 */
export function mobileNetV1(b: GraphBuilder, images: Value, { classes, se }: BuildOptions): Value {
  let y = convNorm(b, ["conv_stem", "bn1"], images, { out: 32, kernel: 3, stride: 2 }, relu6);
  for (const [stage, { units, out }] of stages.entries()) {
    for (let unit = 0; unit < units; unit++) {
      const stride = stage > 0 && unit === 0 ? 2 : 1;
      y = b.scope(`blocks.${stage}.${unit}`, () =>
        separable(b, y, { out, stride, se: forStage(se, stage + 1) }),
      );
    }
  }
  return classifier(b, "classifier", y, classes);
}

/** Depthwise 3×3, pointwise 1×1, SE block: [N,C,H,W] → [N,out,H/stride,W/stride]. */
function separable(b: GraphBuilder, x: Value, { out, stride, se }: UnitPlace): Value {
  const channels = Number(x.shape[1]);
  const depthwise = { out: channels, kernel: 3, stride, groups: channels };
  return residualUnit(b, x, {
    se,
    branch(input, afterConv3x3) {
      const inner = convNorm(b, ["conv_dw", "bn1"], input, depthwise, relu6);
      return convNorm(b, ["conv_pw", "bn2"], afterConv3x3(inner), { out }, relu6);
    },
    activate: (_, y) => y,
  });
}
