import type { GraphBuilder } from "../../ir/builder.ts";
import type { Value } from "../../ir/graph.ts";
import { relu } from "../../nn/activations.ts";
import { convNorm } from "../../nn/conv-norm.ts";
import type { Conv2dOptions } from "../../nn/conv2d.ts";
import { averagePool, maxPool, type PoolOptions } from "../../nn/pooling.ts";
import { type StagePlan, seAt } from "./se-plan.ts";

/** What TensorFlow's Inception networks add to the variance, and their ports with them. */
const EPSILON = 1e-3;

/** A layer or a few: map in, map out. The Inception networks are tables of these. */
export type Step = (b: GraphBuilder, x: Value) => Value;

/** Steps one after the other. */
export type Branch = readonly Step[];

/** Halves a map, ⌊(H−3)/2⌋ + 1, as the Inception networks from v3 on do. */
export const halve = { stride: 2, padding: 0 } as const;

/** Convolution, BatchNorm (ε 0.001) and ReLU: [N,C,H,W] → [N,out,H′,W′]; parameters `conv.weight`, `bn.weight`, … under `name`. */
export function conv(
  name: string,
  out: number,
  kernel: Conv2dOptions["kernel"] = 1,
  options: Pick<Conv2dOptions, "stride" | "padding"> = {},
): Step {
  const both = { out, kernel, epsilon: EPSILON, ...options };
  return (b, x) => b.scope(name, () => convNorm(b, ["conv", "bn"], x, both, relu));
}

/** A pool named `name`. */
export function pool(
  name: string,
  kind: "max" | "average",
  options: PoolOptions & { readonly countPadding?: boolean },
): Step {
  return (b, x) => b.scope(name, () => (kind === "max" ? maxPool : averagePool)(b, x, options));
}

/** Parallel branches, their channels concatenated: [N,C,H,W] → [N,ΣC′,H′,W′]. */
export function fork(...branches: readonly Branch[]): Step {
  return (b, x) =>
    b.op(
      "Concat",
      branches.map((branch) => sequence(b, x, branch)),
      { axis: 1 },
    );
}

export function sequence(b: GraphBuilder, x: Value, steps: Branch): Value {
  return steps.reduce((y, step) => step(b, y), x);
}

/**
 * Inception module named `name`: branches, and after their concatenation, or before all of them, the SE block `se` (SENet paper,
 * figure 2), if there is a plan.
 */
export function inceptionModule(
  b: GraphBuilder,
  name: string,
  x: Value,
  { branches, se }: { branches: readonly Branch[]; se: StagePlan | undefined },
): Value {
  return b.scope(name, () => {
    const y = fork(...branches)(b, seAt(b, "pre", x, { se }));
    return seAt(b, "standard", y, { se });
  });
}
