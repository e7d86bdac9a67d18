import type { GraphBuilder } from "../../ir/builder.ts";
import type { Value } from "../../ir/graph.ts";
import { relu } from "../../nn/activations.ts";
import { convNorm } from "../../nn/conv-norm.ts";
import { classifier } from "../parts/classifier.ts";
import { type Branch, pool, type Step, sequence } from "../parts/inception-steps.ts";
import type { BuildOptions } from "../parts/model-entry.ts";
import { forStage, seAt } from "../parts/se-plan.ts";

/** Output channels of a module's convolutions; a module without 1×1 and projection halves the map. */
interface Widths {
  readonly conv1x1?: number;
  readonly conv3x3: readonly [reduce: number, conv: number];
  readonly double3x3: readonly [reduce: number, first: number, second: number];
  /** The pool parallel to the convolutions, and the channels it is projected to. */
  readonly projection?: readonly ["average" | "max", number];
}

const modules: Readonly<Record<string, Widths>> = {
  "3a": { conv1x1: 64, conv3x3: [64, 64], double3x3: [64, 96, 96], projection: ["average", 32] },
  "3b": { conv1x1: 64, conv3x3: [64, 96], double3x3: [64, 96, 96], projection: ["average", 64] },
  "3c": { conv3x3: [128, 160], double3x3: [64, 96, 96] },
  "4a": { conv1x1: 224, conv3x3: [64, 96], double3x3: [96, 128, 128], projection: ["average", 128] },
  "4b": { conv1x1: 192, conv3x3: [96, 128], double3x3: [96, 128, 128], projection: ["average", 128] },
  "4c": { conv1x1: 160, conv3x3: [128, 160], double3x3: [128, 160, 160], projection: ["average", 128] },
  "4d": { conv1x1: 96, conv3x3: [128, 192], double3x3: [160, 192, 192], projection: ["average", 128] },
  "4e": { conv3x3: [128, 192], double3x3: [192, 256, 256] },
  "5a": { conv1x1: 352, conv3x3: [192, 320], double3x3: [160, 224, 224], projection: ["average", 128] },
  "5b": { conv1x1: 352, conv3x3: [192, 320], double3x3: [192, 224, 224], projection: ["max", 128] },
};

const stem: Branch = [
  conv("conv1_7x7_s2", 64, 7, 2),
  pool("pool1_3x3_s2", "max", { kernel: 3, stride: 2, ceil: true }),
  conv("conv2_3x3_reduce", 64),
  conv("conv2_3x3", 192, 3),
  pool("pool2_3x3_s2", "max", { kernel: 3, stride: 2, ceil: true }),
];

/**
 * BN-Inception (arXiv 1502.03167) with the widths of the SENet authors' released SE-BN-Inception; without and with an SE block after
 * each of the ten modules, the two that halve the map included.
 *
 * Parameter names are those of Cadene's pretrained-models.pytorch (`conv1_7x7_s2.weight`, `conv1_7x7_s2_bn.weight`,
 * `inception_3a_3x3_reduce.weight`, `last_linear.weight`) and `inception_3a_se.fc1.weight`. As in the released network, its
 * convolutions have no biases; Cadene's have.
 *
 * @returns logits [N, classes] of images [N,3,H,W]; any H and W from 11
 */
export function bnInception(b: GraphBuilder, images: Value, { classes, se }: BuildOptions): Value {
  let y = sequence(b, images, stem);
  for (const [id, widths] of Object.entries(modules)) {
    const name = `inception_${id}`;
    // 3a is in stage 3.
    const unit = { se: forStage(se, Number(id[0])), seName: `${name}_se` };
    y = seAt(b, "pre", y, unit);
    const parts = branchesOf(name, widths).map((branch) => sequence(b, y, branch));
    y = b.scope(`${name}_output`, () => b.op("Concat", parts, { axis: 1 }));
    y = seAt(b, "standard", y, unit);
  }
  return classifier(b, "last_linear", y, classes);
}

function branchesOf(name: string, { conv1x1, conv3x3, double3x3, projection }: Widths): Branch[] {
  const stride = projection ? 1 : 2;
  const around = { kernel: 3, stride: 1, padding: 1, countPadding: true };
  return [
    ...(conv1x1 ? [[conv(`${name}_1x1`, conv1x1)]] : []),
    [conv(`${name}_3x3_reduce`, conv3x3[0]), conv(`${name}_3x3`, conv3x3[1], 3, stride)],
    [
      conv(`${name}_double_3x3_reduce`, double3x3[0]),
      conv(`${name}_double_3x3_1`, double3x3[1], 3),
      conv(`${name}_double_3x3_2`, double3x3[2], 3, stride),
    ],
    projection
      ? [pool(`${name}_pool`, projection[0], around), conv(`${name}_pool_proj`, projection[1])]
      : [halvingPool(`${name}_pool`)],
  ];
}

/** Convolution without bias, BatchNorm and ReLU. */
function conv(name: string, out: number, kernel = 1, stride = 1): Step {
  return (b, x) => {
    const y = convNorm(b, [name, `${name}_bn`], x, { out, kernel, stride });
    return b.scope(`${name}_relu`, () => relu(b, y));
  };
}

/**
 * Max pool 3×3 with stride 2 that gives ⌈H/2⌉, as the convolutions beside it do. On even sizes its windows are those of Caffe's ceil
 * mode; on odd sizes, where Caffe's network could not concatenate, it has one window more.
 */
function halvingPool(name: string): Step {
  const window = { kernel_shape: [3, 3], strides: [2, 2], pads: [0, 0, 2, 2] };
  return (b, x) => b.scope(name, () => b.op("MaxPool", [x], window));
}
