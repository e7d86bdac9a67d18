import { knownShape } from "../../ir/graph.ts";
import { sizeOf } from "../../ir/shape.ts";
import { filled } from "../../ir/tensor.ts";
import { channelDot, channelSum } from "./channel-sums.ts";
import type { Lowering } from "./types.ts";

/**
 * With M elements per channel, x̂ = (x − mean)·invStd, Σ over a channel:
 * dBias = Σ dy, dScale = Σ dy·x̂, dx = scale·invStd·(dy − dBias/M − x̂·dScale/M).
 * So dx = a·dy + (p·x + q) with one a, p and q per channel; BatchNormalization computes each affine map in one pass.
 */
export const lowerBatchNormGrad: Lowering<"BatchNormGrad"> = (b, _node, [dy, x, scale, mean, invStd]) => {
  const [n, channels, ...rest] = knownShape(x);
  const samples = n * sizeOf(rest);
  const dBias = channelSum(b, dy);
  const sumDyX = channelDot(b, dy, x);
  const centered = b.op("Sub", [sumDyX, b.op("Mul", [mean, dBias])]);
  const dScale = b.op("Mul", [centered, invStd]);

  const a = b.op("Mul", [scale, invStd]);
  const aOverM = b.op("Mul", [a, b.constant(-1 / samples)]);
  const p = b.op("Mul", [aOverM, b.op("Mul", [dScale, invStd])]);
  const q = b.op("Sub", [b.op("Mul", [aOverM, dBias]), b.op("Mul", [p, mean])]);
  const [zero, one] = [0, 1].map((value) => b.constant(filled([channels], value)));
  const affine = (value: typeof x, slope: typeof x, offset: typeof x) =>
    b.op("BatchNormalization", [value, slope, offset, zero, one], { epsilon: 0 });
  return [b.op("Add", [affine(dy, a, q), affine(x, p, zero)]), dScale, dBias];
};
