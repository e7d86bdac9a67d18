import type { GraphBuilder } from "../../ir/builder.ts";
import type { Value } from "../../ir/graph.ts";
import { relu } from "../../nn/activations.ts";
import type { Activate } from "../../nn/conv-norm.ts";
import { conv2d } from "../../nn/conv2d.ts";
import { classifier } from "../parts/classifier.ts";
import { type Branch, conv, fork, halve, pool, sequence } from "../parts/inception-steps.ts";
import type { BuildOptions } from "../parts/model-entry.ts";
import { residualUnit } from "../parts/residual-unit.ts";
import { forStage, type StagePlan } from "../parts/se-plan.ts";

const stem: Branch = [
  conv("conv2d_1a", 32, 3, halve),
  conv("conv2d_2a", 32, 3, { padding: 0 }),
  conv("conv2d_2b", 64, 3),
  pool("maxpool_3a", "max", { kernel: 3, stride: 2 }),
  conv("conv2d_3b", 80),
  conv("conv2d_4a", 192, 3, { padding: 0 }),
  pool("maxpool_5a", "max", { kernel: 3, stride: 2 }),
];

/** Residual units of one kind. */
interface Units {
  readonly branches: readonly Branch[];
  /** The branch is multiplied by this before the sum (section 3.3): wide units do not train otherwise. */
  readonly scale: number;
}

/** A module without shortcut, then a row of residual units. */
interface Stage {
  readonly module: readonly [name: string, branches: readonly Branch[]];
  readonly units: Units;
  readonly repeat: readonly [name: string, count: number];
}

const stages: readonly Stage[] = [
  {
    module: [
      "mixed_5b",
      [
        [conv("branch0", 96)],
        [conv("branch1.0", 48), conv("branch1.1", 64, 5)],
        [conv("branch2.0", 64), conv("branch2.1", 96, 3), conv("branch2.2", 96, 3)],
        [pool("branch3.0", "average", { kernel: 3, stride: 1, padding: 1 }), conv("branch3.1", 64)],
      ],
    ],
    units: {
      branches: [
        [conv("branch0", 32)],
        [conv("branch1.0", 32), conv("branch1.1", 32, 3)],
        [conv("branch2.0", 32), conv("branch2.1", 48, 3), conv("branch2.2", 64, 3)],
      ],
      scale: 0.17,
    },
    repeat: ["repeat", 10],
  },
  {
    module: [
      "mixed_6a",
      [
        [conv("branch0", 384, 3, halve)],
        [conv("branch1.0", 256), conv("branch1.1", 256, 3), conv("branch1.2", 384, 3, halve)],
        [pool("branch2", "max", { kernel: 3, stride: 2 })],
      ],
    ],
    units: {
      branches: [
        [conv("branch0", 192)],
        [conv("branch1.0", 128), conv("branch1.1", 160, [1, 7]), conv("branch1.2", 192, [7, 1])],
      ],
      scale: 0.1,
    },
    repeat: ["repeat_1", 20],
  },
  {
    module: [
      "mixed_7a",
      [
        [conv("branch0.0", 256), conv("branch0.1", 384, 3, halve)],
        [conv("branch1.0", 256), conv("branch1.1", 288, 3, halve)],
        [conv("branch2.0", 256), conv("branch2.1", 288, 3), conv("branch2.2", 320, 3, halve)],
        [pool("branch3", "max", { kernel: 3, stride: 2 })],
      ],
    ],
    units: {
      branches: [
        [conv("branch0", 192)],
        [conv("branch1.0", 192), conv("branch1.1", 224, [1, 3]), conv("branch1.2", 256, [3, 1])],
      ],
      scale: 0.2,
    },
    repeat: ["repeat_2", 9],
  },
];

/**
 * Inception-ResNet-v2 (arXiv 1602.07261) as timm has it; without and with an SE block in each of the 40 residual units, on the
 * branch before it is scaled (SENet paper, section 3.3: as in ResNets; the three modules without shortcut have none).
 *
 * Parameter names are timm's (`conv2d_1a.conv.weight`, `repeat.0.branch1.0.bn.weight`, `classif.weight`) and
 * `repeat.0.se.fc1.weight`.
 *
 * @returns logits [N, classes] of images [N,3,H,W]; any H and W from 75
 */
export function inceptionResNetV2(b: GraphBuilder, images: Value, { classes, se }: BuildOptions): Value {
  let y = sequence(b, images, stem);
  for (const [i, { module, units, repeat }] of stages.entries()) {
    const [name, branches] = module;
    y = b.scope(name, () => fork(...branches)(b, y));
    const [row, count] = repeat;
    b.scope(row, () => {
      const unit = { ...units, se: forStage(se, i + 5) };
      for (let j = 0; j < count; j++) y = b.scope(j, () => residual(b, y, { ...unit, activate: relu }));
    });
  }
  // The last unit, not scaled and without ReLU.
  const activate: Activate = (_, sum) => sum;
  const last = { ...stages[2].units, scale: 1, se: forStage(se, 7), activate };
  y = b.scope("block8", () => residual(b, y, last));
  return classifier(b, "classif", conv("conv2d_7b", 1536)(b, y), classes);
}

/** A residual unit's SE block and what follows its sum. */
interface Place {
  readonly se: StagePlan | undefined;
  readonly activate: Activate;
}

/** x + scale · branch(x), where 1×1 convolution `conv2d` brings the branch to the channels of x. */
function residual(b: GraphBuilder, x: Value, { branches, scale, se, activate }: Units & Place): Value {
  return residualUnit(b, x, {
    se,
    branch: (input) =>
      conv2d(b, "conv2d", fork(...branches)(b, input), { out: Number(x.shape[1]), bias: true }),
    shortcut: (input) => input,
    join: (branch, shortcut) =>
      b.op("Add", [scale === 1 ? branch : b.op("Mul", [branch, b.constant(scale)]), shortcut]),
    activate,
  });
}
