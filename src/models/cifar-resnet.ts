import { SenetError } from "../errors.ts";
import type { GraphBuilder } from "../ir/builder.ts";
import type { Value } from "../ir/graph.ts";
import { relu } from "../nn/activations.ts";
import { batchNorm } from "../nn/batch-norm.ts";
import { conv2d } from "../nn/conv2d.ts";
import { linear } from "../nn/linear.ts";
import { globalAveragePool } from "../nn/pooling.ts";
import { residualUnit } from "./residual-unit.ts";
import { forStage, type SEPlan } from "./se-plan.ts";

export interface CifarResNetOptions {
  /** Count of weighted layers, 6n + 2: 8, 14, 20, 32, 44, 56, 110, … */
  readonly depth: number;
  /** Squeeze-and-Excitation on every residual branch after its last BatchNorm; none when left out. */
  readonly se?: SEPlan;
  readonly classes: number;
}

/**
 * ResNet for small images (He et al., arXiv 1512.03385, section 4.2): 3×3 stem, three stages of n basic blocks with
 * 16, 32 and 64 channels, the later two starting with stride 2, global average pool, one linear layer.
 * Where a block changes shape its shortcut is a 1×1 convolution with BatchNorm (option B).
 *
 * Parameter names are PyTorch's: `conv1.weight`, `layer1.0.bn2.bias`, `layer2.0.downsample.0.weight`,
 * `layer1.0.se.fc1.weight`, `fc.weight`.
 *
 * @param x images [N,C,H,W]
 * @returns logits [N, classes]
 */
export function cifarResNet(b: GraphBuilder, x: Value, { depth, se, classes }: CifarResNetOptions): Value {
  const blocks = (depth - 2) / 6;
  if (!Number.isInteger(blocks) || blocks < 1) {
    throw new SenetError("usage", `CIFAR ResNet: expected a depth of 6n + 2 (8, 14, 20, …), found ${depth}.`);
  }
  let y = relu(b, batchNorm(b, "bn1", conv2d(b, "conv1", x, { out: 16, kernel: 3 })));
  for (const [stage, out] of [16, 32, 64].entries()) {
    b.scope(`layer${stage + 1}`, () => {
      for (let i = 0; i < blocks; i++) {
        const stride = stage > 0 && i === 0 ? 2 : 1;
        y = b.scope(i, () => basicBlock(b, y, { out, stride, se: forStage(se, stage + 2) }));
      }
    });
  }
  return linear(b, "fc", b.op("Flatten", [globalAveragePool(b, y)]), { out: classes });
}

interface BlockOptions {
  readonly out: number;
  readonly stride: number;
  readonly se: SEPlan | undefined;
}

/** Two 3×3 convolutions with BatchNorm, the SE block, the sum with the shortcut, ReLU (SENet paper, figure 3). */
function basicBlock(b: GraphBuilder, x: Value, { out, stride, se }: BlockOptions): Value {
  return residualUnit(b, x, {
    se,
    branch(input, afterConv3x3) {
      const inner = relu(b, batchNorm(b, "bn1", conv2d(b, "conv1", input, { out, kernel: 3, stride })));
      return batchNorm(b, "bn2", conv2d(b, "conv2", afterConv3x3(inner), { out, kernel: 3 }));
    },
    shortcut: (input) => (stride === 1 && input.shape[1] === out ? input : projection(b, input, out, stride)),
  });
}

function projection(b: GraphBuilder, x: Value, out: number, stride: number): Value {
  return b.scope("downsample", () => batchNorm(b, "1", conv2d(b, "0", x, { out, stride })));
}
