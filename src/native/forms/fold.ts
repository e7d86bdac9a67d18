import type { Node, Value } from "../../ir/graph.ts";
import { noForm } from "../plan/no-form.ts";
import { dimsOf, type Planner } from "../plan/planner.ts";

/** Element-wise operators of any number of inputs, two by two. */
export function planFold(planner: Planner, node: Node, alg: "add" | "max" | "min", factor = 1): void {
  const [first, ...others] = node.inputs as readonly Value[];
  const [y] = node.outputs;
  const layout = y.shape.length === 4 ? planner.layoutOf(first) : "plain";
  const desc = planner.layouts.desc(dimsOf(y), layout === "own" ? "blocked" : layout);
  if ([first, ...others].some((value) => String(value.shape) !== String(y.shape))) {
    throw noForm(node, "its inputs have different sizes");
  }
  let sum = planner.read(first, desc);
  for (const [i, other] of others.entries()) {
    const last = i === others.length - 1;
    const postOps =
      last && factor !== 1 ? [{ kind: "eltwise", alg: "linear", alpha: factor, beta: 0 } as const] : [];
    const primitive = planner.once("binary", [alg, desc, desc, ...postOps], () =>
      planner.dnnl.binary(alg, desc, desc, desc, postOps),
    );
    const to = last ? planner.result(y, desc) : planner.temporary(desc);
    planner.call(primitive, { src: sum, src1: planner.read(other, desc), dst: to });
    sum = to;
  }
  if (others.length === 0) planner.give(y, sum);
}
