import type { GraphBuilder } from "../../ir/builder.ts";
import type { Value } from "../../ir/graph.ts";
import { relu } from "../../nn/activations.ts";
import { batchNorm } from "../../nn/batch-norm.ts";
import { conv2d } from "../../nn/conv2d.ts";
import { classifier } from "../parts/classifier.ts";
import type { BuildOptions } from "../parts/model-entry.ts";
import { residualUnit, type UnitPlace } from "../parts/residual-unit.ts";
import { forStage } from "../parts/se-plan.ts";

/** What distinguishes the pre-activation networks for CIFAR. */
export interface PreActivationDesign {
  /** Units in each of the three stages. */
  readonly units: number;
  /** Two 3×3 convolutions, or 1×1, 3×3, 1×1 with four times the width at the end. */
  readonly unit: keyof typeof kernels;
  /** Channels of the 3×3 convolutions in each stage. */
  readonly widths: readonly [number, number, number];
}

/** Convolutions of a unit. */
const kernels = { basic: [3, 3], bottleneck: [1, 3, 1] } as const;

/**
 * Residual networks for small images whose units begin with BatchNorm and ReLU: pre-activation ResNet (He et al., arXiv 1603.05027) and
 * wide residual networks (Zagoruyko, Komodakis, arXiv 1605.07146), without and with SE blocks on the branch before the sum. As in
 * the authors' code the stride is in a unit's first convolution, and where a unit changes shape, its first BatchNorm and ReLU
 * serve the shortcut as well, a 1×1 convolution.
 *
 * Parameter names are PyTorch-like: `conv1.weight`, `layer1.0.bn1.weight`, `layer1.0.conv1.weight`, `layer2.0.downsample.weight`,
 * `layer1.0.se.fc1.weight`, `bn.weight`, `fc.weight`.
 *
 * @returns a builder of images [N,C,H,W] → logits [N, classes]; any H and W
 * @example preActivationResNet({ units: 2, unit: "basic", widths: [128, 256, 512] }) // WRN-16-8
 */
export function preActivationResNet({ units, unit, widths }: PreActivationDesign) {
  return (b: GraphBuilder, images: Value, { classes, se }: BuildOptions): Value => {
    let y = conv2d(b, "conv1", images, { out: 16, kernel: 3 });
    for (const [i, width] of widths.entries()) {
      for (let j = 0; j < units; j++) {
        const place = { unit, width, stride: i > 0 && j === 0 ? 2 : 1, se: forStage(se, i + 2) };
        y = b.scope(`layer${i + 1}.${j}`, () => preActivationUnit(b, y, place));
      }
    }
    return classifier(b, "fc", activate(b, "bn", y), classes);
  };
}

interface Place extends Omit<UnitPlace, "out"> {
  readonly unit: keyof typeof kernels;
  readonly width: number;
}

function preActivationUnit(b: GraphBuilder, x: Value, { unit, width, stride, se }: Place): Value {
  const out = unit === "basic" ? width : 4 * width;
  const keepsShape = stride === 1 && x.shape[1] === out;
  const first = (y: Value) => activate(b, "bn1", y);
  return residualUnit(b, keepsShape ? x : first(x), {
    se,
    branch: (input, afterConv3x3) =>
      branch(b, keepsShape ? first(input) : input, { unit, width, out, stride, afterConv3x3 }),
    shortcut: (input) => (keepsShape ? input : conv2d(b, "downsample", input, { out, stride })),
    activate: (_, sum) => sum,
  });
}

interface Branch extends Omit<Place, "se"> {
  readonly out: number;
  afterConv3x3(y: Value): Value;
}

/** Convolutions with BatchNorm and ReLU between them. */
function branch(b: GraphBuilder, x: Value, { unit, width, out, stride, afterConv3x3 }: Branch): Value {
  let y = x;
  for (const [i, kernel] of kernels[unit].entries()) {
    const isLast = i === kernels[unit].length - 1;
    const options = { kernel, out: isLast ? out : width, stride: i === 0 ? stride : 1 };
    y = conv2d(b, `conv${i + 1}`, y, options);
    if (isLast) break;
    y = activate(b, `bn${i + 2}`, y);
    if (kernel === 3) y = afterConv3x3(y);
  }
  return y;
}

function activate(b: GraphBuilder, name: string, x: Value): Value {
  return relu(b, batchNorm(b, name, x));
}
