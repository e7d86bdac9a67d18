import type { GraphBuilder } from "../ir/builder.ts";
import type { Value } from "../ir/graph.ts";
import { filled } from "../ir/tensor.ts";
import { knownDim } from "../ops/shared.ts";

/**
 * Batch normalization (arXiv 1502.03167) over channels, in inference form: parameters `weight` (1), `bias` (0),
 * states `running_mean` (0), `running_var` (1) under scope `name`. `toTraining` gives it the batch's statistics.
 *
 * @throws SenetError `shape` for a symbolic number of channels
 * @example relu(b, batchNorm(b, "bn1", x))
 */
export function batchNorm(b: GraphBuilder, name: string, x: Value, { epsilon = 1e-5 } = {}): Value {
  return b.scope(name, () => {
    const shape = [knownDim(x.shape, 1, `BatchNormalization in ${b.path()}`)];
    const learned = [b.parameter("weight", filled(shape, 1)), b.parameter("bias", filled(shape, 0))];
    const tracked = [b.state("running_mean", filled(shape, 0)), b.state("running_var", filled(shape, 1))];
    return b.op("BatchNormalization", [x, ...learned, ...tracked], { epsilon });
  });
}
