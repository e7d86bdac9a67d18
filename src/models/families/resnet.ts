import type { GraphBuilder } from "../../ir/builder.ts";
import type { Value } from "../../ir/graph.ts";
import { relu } from "../../nn/activations.ts";
import { convNorm } from "../../nn/conv-norm.ts";
import { maxPool } from "../../nn/pooling.ts";
import { classifier } from "../parts/classifier.ts";
import type { BuildOptions } from "../parts/model-entry.ts";
import { type BasicBranch, basicBranch, projection, residualUnit } from "../parts/residual-unit.ts";
import { forStage, type StagePlan } from "../parts/se-plan.ts";

/** What distinguishes the ResNets for ImageNet. */
export interface ResNetDesign {
  /** Units in each of the four stages. */
  readonly units: readonly [number, number, number, number];
  /** Two 3×3 convolutions, or 1×1, 3×3, 1×1 with four times the width at the end. */
  readonly unit: "basic" | "bottleneck";
  /** Cardinality and base width of ResNeXt, `32×4d` (arXiv 1611.05431). Default 1×64d. */
  readonly groups?: number;
  readonly baseWidth?: number;
  /** SENet-154: the first 1×1 convolution has half the width of the 3×3. */
  readonly halvesFirst?: boolean;
  /** SENet-154: three 3×3 convolutions at the start instead of one 7×7, and 3×3 projections where the stride is 2. */
  readonly deep?: boolean;
  /** The convolution of a bottleneck that has the stride. Default `conv2`, the 3×3, as in torchvision; `conv1` in the paper. */
  readonly strideIn?: "conv1" | "conv2";
  /** The names and the stem's pool of the released Caffe networks and of timm's `legacy_*`. Default: torchvision's. */
  readonly legacy?: boolean;
  /** Before the classifier. Default 0. */
  readonly dropout?: number;
}

/**
 * ResNet, ResNeXt and SENet-154 for ImageNet (arXiv 1512.03385, 1611.05431, 1709.01507), without and with SE blocks.
 *
 * Parameter names are torchvision's and timm's (`layer1.0.conv1.weight`, `layer1.0.se.fc1.weight`, `fc.weight`), with `legacy` those
 * of timm's `legacy_*` (`layer0.conv1.weight`, `layer1.0.se_module.fc1.weight`, `last_linear.weight`).
 *
 * @returns a builder of images [N,3,H,W] → logits [N, classes]; any H and W, with `legacy` from 5
 */
export function resNet(design: ResNetDesign) {
  return (b: GraphBuilder, images: Value, { classes, se }: BuildOptions): Value => {
    const { legacy = false, dropout } = design;
    const pool = legacy ? { kernel: 3, stride: 2, ceil: true } : { kernel: 3, stride: 2, padding: 1 };
    let y = maxPool(b, stem(b, images, design), pool);
    for (const [i, units] of design.units.entries()) {
      b.scope(`layer${i + 1}`, () => {
        for (let unit = 0; unit < units; unit++) {
          const place = { planes: 64 * 2 ** i, stride: i > 0 && unit === 0 ? 2 : 1, se: forStage(se, i + 2) };
          y = b.scope(unit, () => resNetUnit(b, y, design, place));
        }
      });
    }
    return classifier(b, legacy ? "last_linear" : "fc", y, classes, dropout);
  };
}

/** Everything before the first pool: [N,3,H,W] → [N,64 or 128,H/2,W/2]. */
function stem(b: GraphBuilder, images: Value, { deep = false, legacy = false }: ResNetDesign): Value {
  if (!deep) {
    const body = () => convNorm(b, ["conv1", "bn1"], images, { out: 64, kernel: 7, stride: 2 }, relu);
    return legacy ? b.scope("layer0", body) : body();
  }
  const [first, second, third] = legacy ? legacyStem : timmStem;
  const halved = convNorm(b, first, images, { out: 64, kernel: 3, stride: 2 }, relu);
  const kept = convNorm(b, second, halved, { out: 64, kernel: 3 }, relu);
  return convNorm(b, third, kept, { out: 128, kernel: 3 }, relu);
}

// Module paths of a deep stem: timm counts the modules of a sequence, the legacy code gives names.
const timmStem = [
  ["conv1.0", "conv1.1"],
  ["conv1.3", "conv1.4"],
  ["conv1.6", "bn1"],
] as const;
const legacyStem = [
  ["layer0.conv1", "layer0.bn1"],
  ["layer0.conv2", "layer0.bn2"],
  ["layer0.conv3", "layer0.bn3"],
] as const;

/** The position of a unit in its network. */
interface Place {
  /** 64, 128, 256, 512: the stage's base width. */
  readonly planes: number;
  readonly stride: number;
  readonly se: StagePlan | undefined;
}

function resNetUnit(b: GraphBuilder, x: Value, design: ResNetDesign, { planes, stride, se }: Place): Value {
  const { unit, legacy = false, deep = false } = design;
  const out = unit === "basic" ? planes : 4 * planes;
  const kernel = deep && stride > 1 ? 3 : 1;
  return residualUnit(b, x, {
    se,
    seName: legacy ? "se_module" : "se",
    branch(input, afterConv3x3) {
      if (unit === "bottleneck")
        return bottleneckBranch(b, input, design, { planes, out, stride, afterConv3x3 });
      const y = basicBranch(b, input, { out, stride, afterConv3x3 });
      // The published weights of the shallow legacy networks were trained with a ReLU here, unlike all others.
      return legacy ? relu(b, y) : y;
    },
    shortcut: (input) =>
      stride === 1 && input.shape[1] === out ? input : projection(b, input, { out, kernel, stride }),
  });
}

interface BottleneckBranch extends BasicBranch {
  readonly planes: number;
}

/** 1×1, 3×3 and 1×1 convolutions: [N,C,H,W] → [N,out,⌈H/stride⌉,⌈W/stride⌉]. */
function bottleneckBranch(
  b: GraphBuilder,
  x: Value,
  { groups = 1, baseWidth = 64, halvesFirst = false, strideIn = "conv2" }: ResNetDesign,
  { planes, out, stride, afterConv3x3 }: BottleneckBranch,
): Value {
  const width = ((planes * baseWidth) / 64) * groups;
  const strideOf = (conv: string) => (conv === strideIn ? stride : 1);
  const first = { out: halvesFirst ? width / 2 : width, stride: strideOf("conv1") };
  const middle = { out: width, kernel: 3, groups, stride: strideOf("conv2") };
  const reduced = convNorm(b, ["conv1", "bn1"], x, first, relu);
  const inner = convNorm(b, ["conv2", "bn2"], reduced, middle, relu);
  return convNorm(b, ["conv3", "bn3"], afterConv3x3(inner), { out });
}
