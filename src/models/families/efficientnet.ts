import type { GraphBuilder } from "../../ir/builder.ts";
import type { Value } from "../../ir/graph.ts";
import { silu } from "../../nn/activations.ts";
import { convNorm } from "../../nn/conv-norm.ts";
import { classifier } from "../parts/classifier.ts";
import { invertedResidual } from "../parts/inverted-residual.ts";
import type { BuildOptions } from "../parts/model-entry.ts";
import { forStage } from "../parts/se-plan.ts";

/** EfficientNet-B0 (arXiv 1905.11946, table 1); `expansion` times its input channels is a unit's inner width; `stride` is that of its first unit. */
const stages = [
  { units: 1, expansion: 1, kernel: 3, stride: 1, out: 16 },
  { units: 2, expansion: 6, kernel: 3, stride: 2, out: 24 },
  { units: 2, expansion: 6, kernel: 5, stride: 2, out: 40 },
  { units: 3, expansion: 6, kernel: 3, stride: 2, out: 80 },
  { units: 3, expansion: 6, kernel: 5, stride: 1, out: 112 },
  { units: 4, expansion: 6, kernel: 5, stride: 2, out: 192 },
  { units: 1, expansion: 6, kernel: 3, stride: 1, out: 320 },
] as const;

/**
 * EfficientNet-B0 (Tan, Le, arXiv 1905.11946), with an SE block after the depthwise convolution of each of its 16 units; the hidden layer
 * is a share of the unit's input, not of the wider map that is scaled. Dropout 0.2 before the classifier (section 5.2).
 *
 * Parameter names are timm's: `conv_stem.weight`, `bn1.weight`, `blocks.1.0.conv_pw.weight`, `blocks.1.0.se.conv_reduce.weight`,
 * `conv_head.weight`, `bn2.weight`, `classifier.weight`.
 *
 * @returns logits [N, classes] of images [N,3,H,W]; any H and W
 */
export function efficientNetB0(b: GraphBuilder, images: Value, { classes, se }: BuildOptions): Value {
  let y = convNorm(b, ["conv_stem", "bn1"], images, { out: 32, kernel: 3, stride: 2 }, silu);
  for (const [i, { units, expansion, kernel, stride, out }] of stages.entries()) {
    for (let j = 0; j < units; j++) {
      const channels = Number(y.shape[1]);
      const unit = { expanded: expansion * channels, kernel, stride: j === 0 ? stride : 1, out };
      y = b.scope(`blocks.${i}.${j}`, () =>
        invertedResidual(b, y, { ...unit, activate: silu, se: forStage(se, i + 1), reducedFrom: channels }),
      );
    }
  }
  const features = convNorm(b, ["conv_head", "bn2"], y, { out: 1280 }, silu);
  return classifier(b, "classifier", features, classes, 0.2);
}
