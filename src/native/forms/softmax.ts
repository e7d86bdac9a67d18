import type { Node, Value } from "../../ir/graph.ts";
import { noForm } from "../plan/no-form.ts";
import { dimsOf, type Planner } from "../plan/planner.ts";
import type { Form } from "./types.ts";

function planAlong(planner: Planner, node: Node, axis: number, logarithm: boolean): void {
  const [x] = node.inputs as readonly Value[];
  const rows = planner.rows(x);
  const { dims } = rows.desc;
  const along = (axis + dims.length) % dims.length;
  const primitive = planner.once("softmax", [rows.desc, along, logarithm], () =>
    planner.dnnl.softmax(rows.desc, along, logarithm),
  );
  if (planner.isSlow(primitive, dims)) {
    throw noForm(node, `it is slow along axis ${axis} of [${dims.join(", ")}]`);
  }
  planner.call(primitive, { src: rows, dst: planner.result(node.outputs[0], rows.desc) });
}

export const planSoftmax: Form<"Softmax"> = (planner, node) =>
  planAlong(planner, node, node.attrs.axis, false);
export const planLogSoftmax: Form<"LogSoftmax"> = (planner, node) =>
  planAlong(planner, node, node.attrs.axis, true);

/** One row for each label: a few numbers, written in JavaScript. Labels come as float32, in which every class is exact. */
export const planOneHot: Form<"OneHot"> = (planner, node) => {
  const [labels, , values] = node.inputs as readonly Value[];
  const [y] = node.outputs;
  const depth = Number(dimsOf(y).at(-1));
  const to = planner.result(y, planner.layouts.plain(dimsOf(y)));
  planner.host([planner.rows(labels), planner.rows(values)], [to], (indices, [off, on], into) => {
    into.fill(off);
    indices.forEach((index, row) => {
      const column = index < 0 ? index + depth : index;
      if (column >= 0 && column < depth) into[row * depth + column] = on;
    });
  });
};

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
