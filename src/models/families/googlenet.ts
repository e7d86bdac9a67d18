import type { GraphBuilder } from "../../ir/builder.ts";
import type { Value } from "../../ir/graph.ts";
import { classifier } from "../parts/classifier.ts";
import { type Branch, conv, inceptionModule, pool, sequence } from "../parts/inception-steps.ts";
import type { BuildOptions } from "../parts/model-entry.ts";
import { forStage } from "../parts/se-plan.ts";

/** Output channels of a module's convolutions, in the order of the GoogLeNet paper's table 1. */
type Widths = readonly [
  conv1x1: number,
  reduce3x3: number,
  conv3x3: number,
  reduce5x5: number,
  conv5x5: number,
  poolProjection: number,
];

const stem: Branch = [
  conv("conv1", 64, 7, { stride: 2 }),
  pool("maxpool1", "max", { kernel: 3, stride: 2, ceil: true }),
  conv("conv2", 64),
  conv("conv3", 192, 3),
];

const modules: Readonly<Record<string, Widths>> = {
  "3a": [64, 96, 128, 16, 32, 32],
  "3b": [128, 128, 192, 32, 96, 64],
  "4a": [192, 96, 208, 16, 48, 64],
  "4b": [160, 112, 224, 24, 64, 64],
  "4c": [128, 128, 256, 24, 64, 64],
  "4d": [112, 144, 288, 32, 64, 64],
  "4e": [256, 160, 320, 32, 128, 128],
  "5a": [256, 160, 320, 32, 128, 128],
  "5b": [384, 192, 384, 48, 128, 128],
};

/** The max pool before a stage's first module, and its window. */
const pools: Readonly<Record<string, readonly [name: string, kernel: number]>> = {
  "3a": ["maxpool2", 3],
  "4a": ["maxpool3", 3],
  "5a": ["maxpool4", 2],
};

/**
 * GoogLeNet (arXiv 1409.4842) as torchvision has it: with BatchNorm, 3×3 where the paper has 5×5, no auxiliary heads; without and
 * with an SE block after each of the nine modules.
 *
 * Parameter names are torchvision's (`conv1.conv.weight`, `inception3a.branch2.0.conv.weight`, `fc.weight`) and
 * `inception3a.se.fc1.weight`. torchvision's `transform_input` is not part of the network: it turns ImageNet's mean and deviation
 * into 0.5, which is this network's preprocessing.
 *
 * @returns logits [N, classes] of images [N,3,H,W]; any H and W from 31
 */
export function googLeNet(b: GraphBuilder, images: Value, { classes, se }: BuildOptions): Value {
  let y = sequence(b, images, stem);
  for (const [id, widths] of Object.entries(modules)) {
    if (Object.hasOwn(pools, id)) {
      const [name, kernel] = pools[id];
      y = pool(name, "max", { kernel, stride: 2, ceil: true })(b, y);
    }
    // 3a is in stage 3.
    const plan = forStage(se, Number(id[0]));
    y = inceptionModule(b, `inception${id}`, y, { branches: branchesOf(widths), se: plan });
  }
  return classifier(b, "fc", y, classes, 0.2);
}

function branchesOf([conv1x1, reduce3x3, conv3x3, reduce5x5, conv5x5, poolProjection]: Widths): Branch[] {
  return [
    [conv("branch1", conv1x1)],
    [conv("branch2.0", reduce3x3), conv("branch2.1", conv3x3, 3)],
    // The published weights have 3×3 here: https://github.com/pytorch/vision/issues/906.
    [conv("branch3.0", reduce5x5), conv("branch3.1", conv5x5, 3)],
    [
      pool("branch4.0", "max", { kernel: 3, stride: 1, padding: 1, ceil: true }),
      conv("branch4.1", poolProjection),
    ],
  ];
}
