import type { GraphBuilder } from "../ir/builder.ts";
import type { Value } from "../ir/graph.ts";
import { relu } from "../nn/activations.ts";
import { batchNorm } from "../nn/batch-norm.ts";
import { conv2d } from "../nn/conv2d.ts";
import { dropout } from "../nn/dropout.ts";
import { linear } from "../nn/linear.ts";
import { globalAveragePool, maxPool } from "../nn/pooling.ts";
import type { BuildOptions } from "./model-entry.ts";
import { residualUnit } from "./residual-unit.ts";
import { forStage, type SEPlan } from "./se-plan.ts";

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
 * @returns a builder of images [N,3,H,W] → logits [N, classes]; any H and W from 32 (a legacy network's are a little larger)
 */
export function resNet(design: ResNetDesign) {
  return (b: GraphBuilder, images: Value, { classes, se }: BuildOptions): Value => {
    const { legacy = false, dropout: ratio = 0 } = design;
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
    const features = b.op("Flatten", [globalAveragePool(b, y)]);
    return linear(b, legacy ? "last_linear" : "fc", ratio > 0 ? dropout(b, features, ratio) : features, {
      out: classes,
    });
  };
}

/** Everything before the first pool: [N,3,H,W] → [N,64 or 128,H/2,W/2]. */
function stem(b: GraphBuilder, images: Value, { deep = false, legacy = false }: ResNetDesign): Value {
  if (!deep) {
    const body = () =>
      relu(b, batchNorm(b, "bn1", conv2d(b, "conv1", images, { out: 64, kernel: 7, stride: 2 })));
    return legacy ? b.scope("layer0", body) : body();
  }
  // Module paths: timm counts the modules of a sequence, the legacy code gives names.
  const names = legacy
    ? ["layer0.conv1", "layer0.bn1", "layer0.conv2", "layer0.bn2", "layer0.conv3", "layer0.bn3"]
    : ["conv1.0", "conv1.1", "conv1.3", "conv1.4", "conv1.6", "bn1"];
  let y = images;
  for (const [i, out] of [64, 64, 128].entries()) {
    const conv = conv2d(b, names[2 * i], y, { out, kernel: 3, stride: i === 0 ? 2 : 1 });
    y = relu(b, batchNorm(b, names[2 * i + 1], conv));
  }
  return y;
}

/** Where a unit stands. */
interface Place {
  /** 64, 128, 256, 512: the stage's base width. */
  readonly planes: number;
  readonly stride: number;
  readonly se: SEPlan | undefined;
}

function resNetUnit(b: GraphBuilder, x: Value, design: ResNetDesign, { planes, stride, se }: Place): Value {
  const out = design.unit === "basic" ? planes : 4 * planes;
  const branch = design.unit === "basic" ? basicBranch : bottleneckBranch;
  return residualUnit(b, x, {
    se,
    seName: design.legacy ? "se_module" : "se",
    branch: (input, afterConv3x3) => branch(b, input, design, { planes, stride, afterConv3x3 }),
    shortcut: (input) =>
      stride === 1 && input.shape[1] === out ? input : projection(b, input, design, { out, stride }),
  });
}

interface Branch {
  readonly planes: number;
  readonly stride: number;
  afterConv3x3(y: Value): Value;
}

function basicBranch(
  b: GraphBuilder,
  x: Value,
  { legacy = false }: ResNetDesign,
  { planes, stride, afterConv3x3 }: Branch,
): Value {
  const first = relu(b, batchNorm(b, "bn1", conv2d(b, "conv1", x, { out: planes, kernel: 3, stride })));
  const second = batchNorm(b, "bn2", conv2d(b, "conv2", afterConv3x3(first), { out: planes, kernel: 3 }));
  // The published weights of the shallow legacy networks were trained with a ReLU here, unlike all others.
  return legacy ? relu(b, second) : second;
}

function bottleneckBranch(
  b: GraphBuilder,
  x: Value,
  { groups = 1, baseWidth = 64, halvesFirst = false, strideIn = "conv2" }: ResNetDesign,
  { planes, stride, afterConv3x3 }: Branch,
): Value {
  const width = ((planes * baseWidth) / 64) * groups;
  const strideOf = (conv: string) => (conv === strideIn ? stride : 1);
  const reduce = { out: halvesFirst ? width / 2 : width, stride: strideOf("conv1") };
  const reduced = relu(b, batchNorm(b, "bn1", conv2d(b, "conv1", x, reduce)));
  const middle = { out: width, kernel: 3, groups, stride: strideOf("conv2") };
  const inner = relu(b, batchNorm(b, "bn2", conv2d(b, "conv2", reduced, middle)));
  return batchNorm(b, "bn3", conv2d(b, "conv3", afterConv3x3(inner), { out: 4 * planes }));
}

/** The shortcut of a unit that changes shape. */
function projection(
  b: GraphBuilder,
  x: Value,
  { deep = false }: ResNetDesign,
  { out, stride }: { out: number; stride: number },
): Value {
  const kernel = deep && stride > 1 ? 3 : 1;
  return b.scope("downsample", () => batchNorm(b, "1", conv2d(b, "0", x, { out, kernel, stride })));
}
