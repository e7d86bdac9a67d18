import type { Lowering } from "./types.ts";

/** Steep enough that any Y that is neither 0 nor 1 makes Y·(1 − Y) count as 1. */
const STEEP = 1e30;

/** alpha·dY where Y·(1 − Y) > 0. */
export const lowerHardSigmoidGrad: Lowering<"HardSigmoidGrad"> = (b, { attrs }, [dy, y]) => {
  const between = b.op("Sub", [y, b.op("Mul", [y, y])]);
  const mask = b.op("HardSigmoid", [between], { alpha: STEEP, beta: 0 });
  return [b.op("Mul", [dy, b.op("Mul", [mask, b.constant(attrs.alpha)])])];
};
