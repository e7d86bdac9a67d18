import type { GraphBuilder } from "../../ir/builder.ts";
import type { Value } from "../../ir/graph.ts";
import { relu } from "../../nn/activations.ts";
import { convNorm } from "../../nn/conv-norm.ts";
import { averagePool, maxPool } from "../../nn/pooling.ts";
import { classifier } from "../parts/classifier.ts";
import type { BuildOptions } from "../parts/model-entry.ts";
import { residualUnit } from "../parts/residual-unit.ts";
import { forStage, type StagePlan } from "../parts/se-plan.ts";

/** Groups of the pointwise convolutions, and the stages that have this many (arXiv 1707.01083, table 1). */
const GROUPS = 3;
const stages = [
  { name: "stage2", units: 4, out: 240 },
  { name: "stage3", units: 8, out: 480 },
  { name: "stage4", units: 4, out: 960 },
] as const;

/**
 * ShuffleNet 1×, 3 groups (Zhang et al., arXiv 1707.01083), without and with an SE block on each unit's branch before the sum or
 * concatenation. The layers are those of pytorchcv's `shufflenet_g3_w1`; neither timm nor torchvision has it.
 *
 * Parameter names follow torchvision's ShuffleNet-v2 and ResNet: `conv1.weight`, `stage2.0.conv1.weight` (pointwise, reducing),
 * `conv2` (depthwise), `conv3` (pointwise, expanding), `bn1` to `bn3`, `stage2.0.se.fc1.weight`, `fc.weight`.
 *
 * @returns logits [N, classes] of images [N,3,H,W]; any H and W
 */
export function shuffleNet(b: GraphBuilder, images: Value, { classes, se }: BuildOptions): Value {
  const stem = convNorm(b, ["conv1", "bn1"], images, { out: 24, kernel: 3, stride: 2 }, relu);
  let y = b.scope("maxpool", () => maxPool(b, stem, { kernel: 3, stride: 2, padding: 1 }));
  for (const [stage, { name, units, out }] of stages.entries()) {
    for (let i = 0; i < units; i++) {
      // Section 3.2: the very first pointwise convolution has too few input channels to be worth grouping.
      const grouped = !(name === "stage2" && i === 0);
      const unit = { out, halves: i === 0, groupsIn: grouped ? GROUPS : 1, se: forStage(se, stage + 2) };
      y = b.scope(`${name}.${i}`, () => shuffleUnit(b, y, unit));
    }
  }
  return classifier(b, "fc", y, classes);
}

interface Unit {
  readonly out: number;
  /** Halves the map; the branch then adds channels to those of the input instead of being summed with them. */
  readonly halves: boolean;
  /** Groups of the first convolution. */
  readonly groupsIn: number;
  readonly se: StagePlan | undefined;
}

/** Figure 2 (b) and (c): [N,C,H,W] → [N,out,H,W], or [N,out,⌈H/2⌉,⌈W/2⌉]. */
function shuffleUnit(b: GraphBuilder, x: Value, { out, halves, groupsIn, se }: Unit): Value {
  const width = out / 4;
  const stride = halves ? 2 : 1;
  const added = halves ? out - Number(x.shape[1]) : out;
  const depthwise = { out: width, kernel: 3, stride, groups: width };
  const pool = { kernel: 3, stride: 2, padding: 1, countPadding: true };
  return residualUnit(b, x, {
    se,
    branch(input, afterConv3x3) {
      const reduced = convNorm(b, ["conv1", "bn1"], input, { out: width, groups: groupsIn }, relu);
      const shuffled = b.scope("shuffle", () => channelShuffle(b, reduced, GROUPS));
      const inner = convNorm(b, ["conv2", "bn2"], shuffled, depthwise);
      return convNorm(b, ["conv3", "bn3"], afterConv3x3(inner), { out: added, groups: GROUPS });
    },
    shortcut: (input) => (halves ? averagePool(b, input, pool) : input),
    join: (branch, shortcut) =>
      halves ? b.op("Concat", [branch, shortcut], { axis: 1 }) : b.op("Add", [branch, shortcut]),
  });
}

/** Section 3.1: channel (i, j) of [groups, C/groups] becomes (j, i), so that each group next sees channels of all. */
function channelShuffle(b: GraphBuilder, x: Value, groups: number): Value {
  const [, channels, height, width] = x.shape.map(Number);
  // In shapes, 0 keeps the batch, whatever it is, and −1 takes height times width.
  const split = b.op("Reshape", [x, b.constant([0, groups, channels / groups, -1])]);
  const exchanged = b.op("Transpose", [split], { perm: [0, 2, 1, 3] });
  return b.op("Reshape", [exchanged, b.constant([0, channels, height, width])]);
}
