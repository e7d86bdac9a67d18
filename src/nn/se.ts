import type { GraphBuilder } from "../ir/builder.ts";
import type { Value } from "../ir/graph.ts";
import { knownDim } from "../ops/shared.ts";
import { channelConvolution, fullyConnected, type SEFamily } from "./excitations.ts";
import { gates } from "./gates.ts";
import { checkSEOptions, type SEOptions } from "./se-options.ts";
import { squeezes } from "./squeezes.ts";

/**
 * Squeeze-and-Excitation (arXiv 1709.01507, section 3): squeeze each channel to its mean, excite the means through
 * two small layers into one gate per channel, scale the map by the gates. Every step has alternatives: see `SEOptions`.
 *
 * Parameters under scope `name`: `fc1.weight` [C/r,C,1,1], `fc1.bias`, `fc2.weight` [C,C/r,1,1], `fc2.bias`
 * (timm's names; 1×1 convolutions on a 1×1 map are fully connected layers).
 *
 * @param x feature map [N,C,H,W]
 * @returns a map of the same shape
 * @throws SenetError `usage` for invalid options, `shape` for a symbolic number of channels, for a grid finer than the
 * map, and for symbolic height and width where the squeeze must know them (grid, flatten, tile)
 * @example squeezeExcite(b, "se", x, { reduction: 8 })
 * @example squeezeExcite(b, "se", x, { squeeze: "grid", grid: 2, hidden: ["C/r", "C/r"], gate: "hard-sigmoid" })
 */
export function squeezeExcite(
  b: GraphBuilder,
  name: string,
  x: Value,
  options: SEOptions = {},
  family: SEFamily = {},
): Value {
  return b.scope(name, () => {
    const what = `SE block ${b.path()}`;
    checkSEOptions(options, what);
    const channels = knownDim(x.shape, 1, what);
    const { squeeze = "avg", excitation = "fc", gate = "sigmoid" } = options;
    const descriptor = squeezes[squeeze](b, x, options);
    const excited =
      excitation === "eca"
        ? channelConvolution(b, descriptor, channels)
        : fullyConnected(b, descriptor, channels, options, family);
    return b.op("Mul", [x, descriptor.spread(gates[gate].apply(b, excited))]);
  });
}
