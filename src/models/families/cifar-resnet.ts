import type { GraphBuilder } from "../../ir/builder.ts";
import type { Value } from "../../ir/graph.ts";
import { relu } from "../../nn/activations.ts";
import { convNorm } from "../../nn/conv-norm.ts";
import { classifier } from "../parts/classifier.ts";
import type { BuildOptions } from "../parts/model-entry.ts";
import { basicBranch, projection, residualUnit, type UnitPlace } from "../parts/residual-unit.ts";
import { forStage } from "../parts/se-plan.ts";

export interface CifarResNetDesign {
  /** Units in each of the three stages: n of a network of 6n + 2 weighted layers. */
  readonly units: number;
}

/**
 * ResNet for small images (He et al., arXiv 1512.03385, section 4.2): 3×3 stem, three stages of n basic blocks with
 * 16, 32 and 64 channels, the later two starting with stride 2, global average pool, one linear layer.
 * Where a block changes shape its shortcut is a 1×1 convolution with BatchNorm (option B). SE blocks, if wanted, stand on
 * every residual branch after its last BatchNorm.
 *
 * Parameter names are PyTorch's: `conv1.weight`, `layer1.0.bn2.bias`, `layer2.0.downsample.0.weight`,
 * `layer1.0.se.fc1.weight`, `fc.weight`.
 *
 * @returns a builder of images [N,C,H,W] → logits [N, classes]; any H and W
 * @example cifarResNet({ units: 3 }) // ResNet-20
 */
export function cifarResNet({ units }: CifarResNetDesign) {
  return (b: GraphBuilder, images: Value, { classes, se }: BuildOptions): Value => {
    let y = convNorm(b, ["conv1", "bn1"], images, { out: 16, kernel: 3 }, relu);
    for (const [i, out] of [16, 32, 64].entries()) {
      for (let j = 0; j < units; j++) {
        const place = { out, stride: i > 0 && j === 0 ? 2 : 1, se: forStage(se, i + 2) };
        y = b.scope(`layer${i + 1}.${j}`, () => basicUnit(b, y, place));
      }
    }
    return classifier(b, "fc", y, classes);
  };
}

/** Basic branch, SE block, the sum with the shortcut, ReLU (SENet paper, figure 3). */
function basicUnit(b: GraphBuilder, x: Value, { out, stride, se }: UnitPlace): Value {
  return residualUnit(b, x, {
    se,
    branch: (input, afterConv3x3) => basicBranch(b, input, { out, stride, afterConv3x3 }),
    shortcut: (input) =>
      stride === 1 && input.shape[1] === out ? input : projection(b, input, { out, stride }),
  });
}
