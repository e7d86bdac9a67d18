import type { GraphBuilder } from "../../ir/builder.ts";
import type { Value } from "../../ir/graph.ts";
import { relu } from "../../nn/activations.ts";
import { batchNorm } from "../../nn/batch-norm.ts";
import { conv2d } from "../../nn/conv2d.ts";
import { dropout } from "../../nn/dropout.ts";
import { maxPool } from "../../nn/pooling.ts";
import { classifier } from "../parts/classifier.ts";
import type { BuildOptions } from "../parts/model-entry.ts";
import { forStage, seAt } from "../parts/se-plan.ts";

/** Output channels of VGG-16's convolutions (configuration D); a max pool follows each row. */
const stages = [
  [64, 64],
  [128, 128],
  [256, 256, 256],
  [512, 512, 512],
  [512, 512, 512],
] as const;

/**
 * VGG-16 with BatchNorm (Simonyan, Zisserman, arXiv 1409.1556), without and with an SE block after the ReLU of each of its 13
 * convolutions (SENet paper, section 6.1).
 *
 * Parameter names are timm's. It counts all layers of `features` in one row, ReLUs and pools as well: `features.0.weight`
 * (convolution), `features.1.weight` (BatchNorm). SE blocks are below the ReLU whose output they scale:
 * `features.2.se.fc1.weight`. The fully connected layers are convolutions, `pre_logits.fc1` 7×7 without padding and `pre_logits.fc2`
 * 1×1, so a larger image gives several predictions, of which the features are averaged before `head.fc`.
 *
 * @returns logits [N, classes] of images [N,3,H,W]; any H and W from 224
 */
export function vgg16(b: GraphBuilder, images: Value, { classes, se }: BuildOptions): Value {
  let y = images;
  let index = 0;
  /** A layer with the next number. */
  const layer = (make: (name: string) => Value) => {
    y = make(`${index}`);
    index++;
  };
  b.scope("features", () => {
    for (const [i, stage] of stages.entries()) {
      const unit = { se: forStage(se, i + 1) };
      for (const out of stage) {
        y = b.scope(index, () => seAt(b, "pre", y, unit));
        layer((name) => conv2d(b, name, y, { out, kernel: 3, bias: true }));
        layer((name) => batchNorm(b, name, y));
        layer((name) => b.scope(name, () => seAt(b, "standard", relu(b, y), unit)));
      }
      layer((name) => b.scope(name, () => maxPool(b, y, { kernel: 2 })));
    }
  });
  return head(b, y, classes);
}

/** [N,512,H,W] → [N, classes]; dropout 0.5 after both hidden layers (arXiv 1409.1556, section 3.1). */
function head(b: GraphBuilder, x: Value, classes: number): Value {
  const features = b.scope("pre_logits", () => {
    const hidden = relu(b, conv2d(b, "fc1", x, { out: 4096, kernel: 7, padding: 0, bias: true }));
    return relu(b, conv2d(b, "fc2", dropout(b, hidden, 0.5), { out: 4096, bias: true }));
  });
  return b.scope("head", () => classifier(b, "fc", features, classes, 0.5));
}
