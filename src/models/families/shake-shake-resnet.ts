import type { GraphBuilder } from "../../ir/builder.ts";
import type { Value } from "../../ir/graph.ts";
import { relu } from "../../nn/activations.ts";
import { batchNorm } from "../../nn/batch-norm.ts";
import { convNorm } from "../../nn/conv-norm.ts";
import { conv2d } from "../../nn/conv2d.ts";
import { shakeShake } from "../../nn/shake-shake.ts";
import { classifier } from "../parts/classifier.ts";
import type { BuildOptions } from "../parts/model-entry.ts";
import { basicBranch, residualUnit, type UnitPlace } from "../parts/residual-unit.ts";
import { forStage } from "../parts/se-plan.ts";

export interface ShakeShakeDesign {
  /** Units in each of the three stages. */
  readonly units: number;
  /** Channels in each stage. */
  readonly widths: readonly [number, number, number];
}

/**
 * Shake-Shake ResNet for small images (Gastaldi, arXiv 1705.07485, and his code): each unit has two residual branches, of which training
 * takes a random mixture for each image (`toTraining`), inference the mean. SE blocks, if wanted, scale the mixture before the sum.
 *
 * Parameter names are PyTorch-like: `conv1.weight`, `bn1.weight`, `layer1.0.branch1.conv1.weight`, `layer1.0.branch2.bn2.weight`,
 * `layer1.0.downsample.conv1.weight`, `layer1.0.se.fc1.weight`, `fc.weight`.
 *
 * @returns a builder of images [N,C,H,W] → logits [N, classes]; any H and W
 * @example shakeShakeResNet({ units: 4, widths: [96, 192, 384] }) // 26 2×96d
 */
export function shakeShakeResNet({ units, widths }: ShakeShakeDesign) {
  return (b: GraphBuilder, images: Value, { classes, se }: BuildOptions): Value => {
    // No ReLU: every unit begins with one.
    let y = convNorm(b, ["conv1", "bn1"], images, { out: 16, kernel: 3 });
    for (const [i, out] of widths.entries()) {
      for (let j = 0; j < units; j++) {
        const place = { out, stride: i > 0 && j === 0 ? 2 : 1, se: forStage(se, i + 2) };
        y = b.scope(`layer${i + 1}.${j}`, () => shakeUnit(b, y, place));
      }
    }
    return classifier(b, "fc", relu(b, y), classes);
  };
}

/** In the `conv3x3` placement each of the two branches has its own SE block. */
function shakeUnit(b: GraphBuilder, x: Value, { out, stride, se }: UnitPlace): Value {
  return residualUnit(b, x, {
    se,
    branch(input, afterConv3x3) {
      const active = relu(b, input);
      const [first, second] = ["branch1", "branch2"].map((name) =>
        b.scope(name, () => basicBranch(b, active, { out, stride, afterConv3x3 })),
      );
      return shakeShake(b, first, second);
    },
    shortcut: (input) => (input.shape[1] === out ? input : projection(b, input, out, stride)),
    activate: (_, sum) => sum,
  });
}

/**
 * The shortcut of a unit that changes shape: two 1×1 convolutions to half the width each, of the map and of the map shifted by one pixel
 * down and right, so that with stride 2 the second sees pixels that the first leaves out. (A convolution with stride is the same as
 * the author's 1×1 pool with stride and a convolution.)
 */
function projection(b: GraphBuilder, x: Value, out: number, stride: number): Value {
  return b.scope("downsample", () => {
    const active = relu(b, x);
    // Before and after each axis: one row and column of zeros in front, the last ones cropped.
    const shifted = b.op("Pad", [active, b.constant([0, 0, 1, 1, 0, 0, -1, -1])]);
    const paths = [active, shifted].map((map, i) => conv2d(b, `conv${i + 1}`, map, { out: out / 2, stride }));
    return batchNorm(b, "bn", b.op("Concat", paths, { axis: 1 }));
  });
}
