import type { GraphBuilder } from "../../ir/builder.ts";
import type { Value } from "../../ir/graph.ts";
import { classifier } from "../parts/classifier.ts";
import {
  type Branch,
  conv,
  fork,
  halve,
  inceptionModule,
  pool,
  type Step,
  sequence,
} from "../parts/inception-steps.ts";
import type { BuildOptions } from "../parts/model-entry.ts";
import { forStage } from "../parts/se-plan.ts";

/** Where a module's name has the number of its stage. */
const STAGE_DIGIT = "Mixed_".length;

const stem: Branch = [
  conv("Conv2d_1a_3x3", 32, 3, halve),
  conv("Conv2d_2a_3x3", 32, 3, { padding: 0 }),
  conv("Conv2d_2b_3x3", 64, 3),
  pool("Pool1", "max", { kernel: 3, stride: 2 }),
  conv("Conv2d_3b_1x1", 80),
  conv("Conv2d_4a_3x3", 192, 3, { padding: 0 }),
  pool("Pool2", "max", { kernel: 3, stride: 2 }),
];

/** The paper's figures 5 to 7 and the reductions between them. */
const modules: Readonly<Record<string, readonly Branch[]>> = {
  Mixed_5b: moduleA(32),
  Mixed_5c: moduleA(64),
  Mixed_5d: moduleA(64),
  Mixed_6a: [[conv("branch3x3", 384, 3, halve)], double3x3(halve), [maxPool()]],
  Mixed_6b: moduleC(128),
  Mixed_6c: moduleC(160),
  Mixed_6d: moduleC(160),
  Mixed_6e: moduleC(192),
  Mixed_7a: [
    [conv("branch3x3_1", 192), conv("branch3x3_2", 320, 3, halve)],
    [
      conv("branch7x7x3_1", 192),
      conv("branch7x7x3_2", 192, [1, 7]),
      conv("branch7x7x3_3", 192, [7, 1]),
      conv("branch7x7x3_4", 192, 3, halve),
    ],
    [maxPool()],
  ],
  Mixed_7b: moduleE(),
  Mixed_7c: moduleE(),
};

/** Grid of 35×35 at the paper's input. */
function moduleA(projected: number): Branch[] {
  return [
    [conv("branch1x1", 64)],
    [conv("branch5x5_1", 48), conv("branch5x5_2", 64, 5)],
    double3x3(),
    projection(projected),
  ];
}

/** 17×17: 7×7 convolutions split into 1×7 and 7×1. */
function moduleC(inner: number): Branch[] {
  return [
    [conv("branch1x1", 192)],
    [conv("branch7x7_1", inner), conv("branch7x7_2", inner, [1, 7]), conv("branch7x7_3", 192, [7, 1])],
    [
      conv("branch7x7dbl_1", inner),
      conv("branch7x7dbl_2", inner, [7, 1]),
      conv("branch7x7dbl_3", inner, [1, 7]),
      conv("branch7x7dbl_4", inner, [7, 1]),
      conv("branch7x7dbl_5", 192, [1, 7]),
    ],
    projection(192),
  ];
}

/** 8×8: 3×3 convolutions split into parallel 1×3 and 3×1. */
function moduleE(): Branch[] {
  return [
    [conv("branch1x1", 320)],
    [conv("branch3x3_1", 384), spread3x3("branch3x3_2")],
    [conv("branch3x3dbl_1", 448), conv("branch3x3dbl_2", 384, 3), spread3x3("branch3x3dbl_3")],
    projection(192),
  ];
}

function double3x3(last = {}): Branch {
  return [conv("branch3x3dbl_1", 64), conv("branch3x3dbl_2", 96, 3), conv("branch3x3dbl_3", 96, 3, last)];
}

function spread3x3(name: string): Step {
  return fork([conv(`${name}a`, 384, [1, 3])], [conv(`${name}b`, 384, [3, 1])]);
}

function projection(out: number): Branch {
  const average = { kernel: 3, stride: 1, padding: 1, countPadding: true };
  return [pool("branch_pool", "average", average), conv("branch_pool", out)];
}

function maxPool(): Step {
  return pool("branch_pool", "max", { kernel: 3, stride: 2 });
}

/**
 * Inception-v3 (arXiv 1512.00567) as timm has it, without auxiliary head; without and with an SE block after each of the eleven
 * modules, reductions included.
 *
 * Parameter names are timm's (`Conv2d_1a_3x3.conv.weight`, `Mixed_5b.branch5x5_1.bn.weight`, `fc.weight`) and
 * `Mixed_5b.se.fc1.weight`.
 *
 * @returns logits [N, classes] of images [N,3,H,W]; any H and W from 75
 */
export function inceptionV3(b: GraphBuilder, images: Value, { classes, se }: BuildOptions): Value {
  let y = sequence(b, images, stem);
  for (const [name, branches] of Object.entries(modules)) {
    // Mixed_5b is in stage 5.
    const stage = Number(name[STAGE_DIGIT]);
    y = inceptionModule(b, name, y, { branches, se: forStage(se, stage) });
  }
  return classifier(b, "fc", y, classes);
}
