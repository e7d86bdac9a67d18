import type { GraphBuilder } from "../../ir/builder.ts";
import type { Value } from "../../ir/graph.ts";
import { relu } from "../../nn/activations.ts";
import { type Activate, convNorm } from "../../nn/conv-norm.ts";
import type { Conv2dOptions } from "../../nn/conv2d.ts";
import { classifier } from "../parts/classifier.ts";
import type { BuildOptions } from "../parts/model-entry.ts";
import { residualUnit, type UnitPlace } from "../parts/residual-unit.ts";
import { forStage } from "../parts/se-plan.ts";

/** RegNetY-800MF (arXiv 2003.13678, appendix): channels of a group, and the four stages. */
const GROUP_WIDTH = 16;
const stages = [
  { units: 1, out: 64 },
  { units: 3, out: 128 },
  { units: 8, out: 320 },
  { units: 2, out: 768 },
] as const;

/**
 * RegNetY-008, also called RegNetY-800MF (Radosavovic et al., arXiv 2003.13678): ResNeXt's units without a bottleneck, of which the first
 * of each stage halves the map. Y means with SE blocks: after the grouped 3×3 convolution with BatchNorm and ReLU (placement
 * `conv3x3`), the hidden layer a share of the unit's input channels. Stage 2 of an `SEPlan` is `s1`.
 *
 * Parameter names are timm's: `stem.conv.weight`, `stem.bn.weight`, `s1.b1.conv1.conv.weight`, `s1.b1.conv1.bn.weight`,
 * `s1.b1.se.fc1.weight`, `s1.b1.downsample.conv.weight`, `head.fc.weight`.
 *
 * @returns logits [N, classes] of images [N,3,H,W]; any H and W
 */
export function regNetY008(b: GraphBuilder, images: Value, { classes, se }: BuildOptions): Value {
  let y = block(b, "stem", images, { out: 32, kernel: 3, stride: 2 }, relu);
  for (const [i, { units, out }] of stages.entries()) {
    for (let j = 0; j < units; j++) {
      const place = { out, stride: j === 0 ? 2 : 1, se: forStage(se, i + 2) };
      y = b.scope(`s${i + 1}.b${j + 1}`, () => unit(b, y, place));
    }
  }
  return classifier(b, "head.fc", y, classes);
}

/** [N,C,H,W] → [N,out,⌈H/stride⌉,⌈W/stride⌉]. */
function unit(b: GraphBuilder, x: Value, { out, stride, se }: UnitPlace): Value {
  return residualUnit(b, x, {
    se,
    seFamily: { reducedFrom: Number(x.shape[1]) },
    branch(input, afterConv3x3) {
      const reduced = block(b, "conv1", input, { out }, relu);
      const grouped = { out, kernel: 3, stride, groups: out / GROUP_WIDTH };
      const inner = block(b, "conv2", reduced, grouped, relu);
      return block(b, "conv3", afterConv3x3(inner), { out });
    },
    shortcut: (input) =>
      stride === 1 && input.shape[1] === out ? input : block(b, "downsample", input, { out, stride }),
  });
}

/** Convolution, BatchNorm and optionally an activation, in a module named `name`. */
function block(b: GraphBuilder, name: string, x: Value, options: Conv2dOptions, activate?: Activate): Value {
  return b.scope(name, () => convNorm(b, ["conv", "bn"], x, options, activate));
}
