import type { Graph } from "../../src/ir/graph.ts";
import { batchNorm } from "../../src/nn/batch-norm.ts";
import { conv2d } from "../../src/nn/conv2d.ts";
import { dropout } from "../../src/nn/dropout.ts";
import { linear } from "../../src/nn/linear.ts";
import { averagePool, globalAveragePool, maxPool } from "../../src/nn/pooling.ts";
import { squeezeExcite } from "../../src/nn/se.ts";
import { shakeShake } from "../../src/nn/shake-shake.ts";
import { newGraph } from "../../src/ops/new-graph.ts";

/** Images [N, 2, 8, 8] → logits [N, 3], with one of everything that training rewrites. */
export function smallNet({ ratio = 0.5, batch = "N" as number | string } = {}): Graph {
  const b = newGraph("small", { seed: 3 });
  const images = b.input("images", "float32", [batch, 2, 8, 8]);
  b.note("license", "none");
  const stem = b.op("Relu", [batchNorm(b, "bn", conv2d(b, "conv", images, { out: 4, kernel: 3 }))]);
  const pooled = maxPool(b, stem, { kernel: 3, stride: 2, padding: 1 });
  const strided = conv2d(b, "conv2", pooled, { out: 4, kernel: 3, stride: 2, groups: 2, bias: true });
  const halved = averagePool(b, pooled, { kernel: 2 });
  const gated = squeezeExcite(b, "se", shakeShake(b, strided, halved), {
    minimumHidden: 2,
    gate: "hard-sigmoid",
  });
  const features = b.op("Flatten", [globalAveragePool(b, gated)]);
  b.output("logits", linear(b, "fc", dropout(b, features, ratio), { out: 3 }));
  return b.build();
}
