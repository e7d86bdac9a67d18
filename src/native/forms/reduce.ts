import type { Node, Value } from "../../ir/graph.ts";
import { sizeOf } from "../../ir/shape.ts";
import type { NodeOf } from "../../ops/predicates.ts";
import type { Reduction } from "../binding/dnnl.ts";
import { noForm } from "../plan/no-form.ts";
import { scaled } from "../plan/operands.ts";
import { dimsOf, isMap, type Planner } from "../plan/planner.ts";
import type { Operand } from "../plan/program.ts";
import { planGlobalPool } from "./pool.ts";
import { planProduct } from "./product.ts";
import type { Form } from "./types.ts";

/**
 * Sums, means and maxima over some axes. oneDNN's own reduction is slow on blocked maps, so pixels are averaged by a pool, and sums over the
 * first axis are a product with ones.
 */
function planReduce(planner: Planner, node: Node, alg: Reduction): void {
  const [x] = node.inputs as readonly Value[];
  const [y] = node.outputs;
  const axes = reducedAxes(planner, node);
  const dims = dimsOf(x);
  const pixels = dims.length === 4 ? dims[2] * dims[3] : 1;
  if (isMap(x) && alg !== "max" && [2, 3].every((axis) => axes.has(axis)) && !axes.has(1)) {
    planOverPixels(planner, x, y, axes.has(0), alg === "sum" ? pixels : 1, alg);
    return;
  }
  if (isMap(x) && alg === "max" && String([...axes].sort()) === "2,3") {
    planGlobalPool(planner, x, y, "max");
    return;
  }
  const first = axes.has(0) && [...axes].every((axis) => axis === 0 || dims[axis] === 1);
  if (first && alg !== "max") {
    overImages(planner, planner.rows(x), y, alg === "mean" ? 1 / dims[0] : 1);
    return;
  }
  const kept = dims.map((dim, axis) => (axes.has(axis) ? 1 : dim));
  const from = planner.rows(x);
  const to = planner.result(y, planner.layouts.plain(dimsOf(y)));
  const result = { ...to, desc: planner.layouts.plain(kept) };
  if (String(kept) === String(dims)) {
    planner.reorder(from, { ...to, desc: from.desc });
    return;
  }
  const primitive = planner.once("reduction", [alg, from.desc, result.desc], () =>
    planner.dnnl.reduction(alg, from.desc, result.desc),
  );
  if (planner.isSlow(primitive, dims)) {
    throw noForm(node, `it is slow over axes ${[...axes]} of [${dims.join(", ")}]`);
  }
  planner.call(primitive, { src: from, dst: result });
}

/** Over the pixels of each channel, and over the images perhaps. */
function planOverPixels(
  planner: Planner,
  x: Value,
  y: Value,
  images: boolean,
  factor: number,
  alg: Reduction,
): void {
  const [n, channels] = dimsOf(x);
  planGlobalPool(planner, x, y, "averageWithBorder");
  const means = { ...planner.find(y), desc: planner.layouts.plain([n, channels]) };
  if (images) {
    overImages(planner, means, y, factor * (alg === "mean" ? 1 / n : 1));
  } else if (factor !== 1) {
    scaled(planner, means, factor, planner.result(y, planner.layouts.plain(dimsOf(y))));
  }
}

/** The sum of rows, times a factor: ones · rows. */
function overImages(planner: Planner, rows: Operand, y: Value, factor: number): void {
  const [n] = rows.desc.dims;
  const size = sizeOf(rows.desc.dims) / n;
  const result = planner.result(y, planner.layouts.plain(dimsOf(y)));
  planProduct(planner, {
    a: planner.constant([1, n], 1),
    b: { ...rows, desc: planner.layouts.plain([n, size]) },
    to: { ...result, desc: planner.layouts.plain([1, size]) },
    factor,
  });
}

/** The axes that a node reduces; none named are all, or none where it says so. */
function reducedAxes(planner: Planner, { inputs, attrs }: Node): Set<number> {
  const rank = dimsOf(inputs[0] as Value).length;
  const named = inputs[1] && planner.uses.isStored(inputs[1]) ? inputs[1].tensor.data : [];
  const axes = Array.from(named as ArrayLike<number | bigint>, (axis) => (Number(axis) + rank) % rank);
  if (axes.length > 0) return new Set(axes);
  return new Set(attrs.noop_with_empty_axes === 1 ? [] : Array.from({ length: rank }, (_, axis) => axis));
}

export const planReduceSum: Form<"ReduceSum"> = (planner, node) => planReduce(planner, node, "sum");
export const planReduceMean: Form<"ReduceMean"> = (planner, node) => planReduce(planner, node, "mean");
export const planReduceMax: Form<"ReduceMax"> = (planner, node) => planReduce(planner, node, "max");

/** All of a tensor's squares: the product of its numbers as a row and as a column. */
export const planReduceSumSquare = (planner: Planner, node: NodeOf<"ReduceSumSquare">): void => {
  const [x] = node.inputs as readonly Value[];
  const [y] = node.outputs;
  if (sizeOf(dimsOf(y)) !== 1) {
    throw noForm(node, "the squares of whole tensors alone are summed");
  }
  const { layouts } = planner;
  // Padding is zero and adds nothing, so the order does not matter.
  const found = planner.find(x);
  const count = found.desc.bytes / Float32Array.BYTES_PER_ELEMENT;
  const result = planner.result(y, layouts.plain(dimsOf(y)));
  planProduct(planner, {
    a: { ...found, desc: layouts.plain([1, count]) },
    b: { ...found, desc: layouts.plain([count, 1]) },
    to: { ...result, desc: layouts.plain([1, 1]) },
  });
};
