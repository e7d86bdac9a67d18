import type { GraphBuilder } from "../ir/builder.ts";
import type { Value } from "../ir/graph.ts";
import { knownDim } from "../ops/shared.ts";
import { parameter, uniformFanIn } from "./initializers.ts";

/**
 * Fully connected layer, [N, in] → [N, out], with parameters `weight` [out, in] and `bias` [out] under scope `name`.
 *
 * @throws SenetError `shape` for a symbolic number of features
 * @example linear(b, "fc", features, { out: 10 })
 */
export function linear(
  b: GraphBuilder,
  name: string,
  x: Value,
  { out, bias = true }: { out: number; bias?: boolean },
): Value {
  return b.scope(name, () => {
    const fanIn = knownDim(x.shape, 1, `Gemm in ${b.path()}`);
    const inputs = [x, parameter(b, "weight", [out, fanIn], uniformFanIn(fanIn))];
    if (bias) inputs.push(parameter(b, "bias", [out], uniformFanIn(fanIn)));
    return b.op("Gemm", inputs, { transB: 1 });
  });
}
