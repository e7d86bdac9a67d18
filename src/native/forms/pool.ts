import type { Node, Value } from "../../ir/graph.ts";
import { isOp, type NodeOf } from "../../ops/predicates.ts";
import type { Desc, Pool, PrimitiveDesc, Window } from "../binding/dnnl.ts";
import type { Layout } from "../plan/layouts.ts";
import { noForm } from "../plan/no-form.ts";
import { perPlanner } from "../plan/per-planner.ts";
import { dimsOf, type Planner } from "../plan/planner.ts";
import type { Operand } from "../plan/program.ts";
import type { Form } from "./types.ts";
import { windowOf } from "./window.ts";

/** A pool of maps of certain sizes. */
interface Pooling {
  readonly alg: Pool;
  readonly src: Desc;
  readonly dst: Desc;
  readonly kernel: readonly number[];
  readonly window: Window;
}

function layoutFor(planner: Planner, value: Value): Layout {
  const layout = planner.layoutOf(value);
  return layout === "own" ? "blocked" : layout;
}

function pooling(
  planner: Planner,
  node: NodeOf<"AveragePool"> | NodeOf<"AveragePoolGrad"> | NodeOf<"MaxPool"> | NodeOf<"MaxPoolGrad">,
  [x, y]: readonly (readonly number[])[],
  layout: Layout,
): Pooling {
  const { attrs } = node;
  const window = windowOf(attrs, x, y);
  const isAverage = "count_include_pad" in attrs;
  const countsBorder = isAverage && attrs.count_include_pad === 1;
  // A window that reaches over the padding (rounding up) counts less of it than oneDNN would.
  if (countsBorder && window.after.some((after, axis) => after > attrs.pads[axis + 2])) {
    throw noForm(node, "it counts the padding that a last window reaches over in another way");
  }
  const alg = isAverage ? (countsBorder ? "averageWithBorder" : "averageWithoutBorder") : "max";
  const { layouts } = planner;
  return {
    alg,
    src: layouts.desc(x, layout),
    dst: layouts.desc(y, layout),
    kernel: attrs.kernel_shape,
    window,
  };
}

function forward(planner: Planner, { alg, src, dst, kernel, window }: Pooling): PrimitiveDesc {
  return planner.once("pool", [alg, src, dst, kernel, window], () =>
    planner.dnnl.pool(alg, src, dst, kernel, window),
  );
}

function backward(planner: Planner, { alg, src, dst, kernel, window }: Pooling): PrimitiveDesc {
  return planner.once("poolGrad", [alg, src, dst, kernel, window], () =>
    planner.dnnl.poolGrad(alg, src, dst, kernel, window),
  );
}

/** By the pool: where each maximum was. */
const places = perPlanner<Node, Operand>();

export const planMaxPool: Form<"MaxPool"> = (planner, node) => {
  const [x] = node.inputs as readonly Value[];
  const [y] = node.outputs;
  const pool = pooling(planner, node, [dimsOf(x), dimsOf(y)], layoutFor(planner, x));
  const primitive = forward(planner, pool);
  const workspace = planner.temporary(primitive.desc("workspace"));
  places(planner).set(node, workspace);
  const args = { src: planner.read(x, pool.src), dst: planner.result(y, pool.dst), workspace };
  planner.call(primitive, args, { alsoWritten: ["workspace"] });
};

export const planMaxPoolGrad: Form<"MaxPoolGrad"> = (planner, node) => {
  const [dy, x] = node.inputs as readonly Value[];
  const [dx] = node.outputs;
  const key = JSON.stringify(node.attrs);
  const pooled = planner.uses
    .readersOf(x)
    .find((reader) => isOp(reader, "MaxPool") && JSON.stringify(reader.attrs) === key);
  const pool = pooling(planner, node, [dimsOf(x), dimsOf(dy)], layoutFor(planner, x));
  const workspace = (pooled && places(planner).get(pooled)) ?? pooledAgain(planner, x, pool);
  planner.call(backward(planner, pool), {
    diffDst: planner.read(dy, pool.dst),
    workspace,
    diffSrc: planner.result(dx, pool.src),
  });
};

/** Where each maximum is, when nothing has pooled the map before. */
function pooledAgain(planner: Planner, x: Value, pool: Pooling): Operand {
  const primitive = forward(planner, pool);
  const workspace = planner.temporary(primitive.desc("workspace"));
  const args = { src: planner.read(x, pool.src), dst: planner.temporary(pool.dst), workspace };
  planner.call(primitive, args, { alsoWritten: ["workspace"] });
  return workspace;
}

export const planAveragePool: Form<"AveragePool"> = (planner, node) => {
  const [x] = node.inputs as readonly Value[];
  const [y] = node.outputs;
  const pool = pooling(planner, node, [dimsOf(x), dimsOf(y)], layoutFor(planner, x));
  const args = { src: planner.read(x, pool.src), dst: planner.result(y, pool.dst) };
  planner.call(forward(planner, pool), args);
};

export const planAveragePoolGrad: Form<"AveragePoolGrad"> = (planner, node) => {
  const [dy] = node.inputs as readonly Value[];
  const [dx] = node.outputs;
  const pool = pooling(planner, node, [dimsOf(dx), dimsOf(dy)], layoutFor(planner, dy));
  const args = { diffDst: planner.read(dy, pool.dst), diffSrc: planner.result(dx, pool.src) };
  planner.call(backward(planner, pool), args);
};

/** One number for each channel of each image: the mean or the maximum of its pixels. */
export function planGlobalPool(planner: Planner, x: Value, y: Value, alg: Pool): void {
  const { src, dst, ...pool } = globalPooling(planner, dimsOf(x), layoutFor(planner, x), alg);
  const primitive = forward(planner, { src, dst, ...pool });
  const to = planner.temporary(dst);
  const workspace = alg === "max" ? planner.temporary(primitive.desc("workspace")) : undefined;
  planner.call(primitive, { src: planner.read(x, src), dst: to, workspace }, { alsoWritten: ["workspace"] });
  giveRows(planner, y, to);
}

/** Gives each pixel its share of a mean's gradient, or, times the pixels, the whole of it. */
export function planSpread(planner: Planner, dy: Operand, dx: Value, layout: Layout): void {
  const { src, dst, ...pool } = globalPooling(planner, dimsOf(dx), layout, "averageWithBorder");
  const from = planner.inOrder(dy, dst);
  planner.call(backward(planner, { src, dst, ...pool }), {
    diffDst: from,
    diffSrc: planner.result(dx, src),
  });
}

function globalPooling(planner: Planner, x: readonly number[], layout: Layout, alg: Pool): Pooling {
  const [n, channels, ...kernel] = x;
  const window = { strides: kernel, dilations: [1, 1], before: [0, 0], after: [0, 0] };
  const { layouts } = planner;
  return {
    alg,
    src: layouts.desc(x, layout),
    dst: layouts.repeating([n, channels, 1, 1], layouts.layoutOf(layouts.desc(x, layout))),
    kernel,
    window,
  };
}

/** Vectors are kept in rows. */
function giveRows(planner: Planner, y: Value, from: Operand): void {
  const rows = planner.layouts.plain(from.desc.dims);
  const inRows = planner.inOrder(from, rows);
  planner.give(y, { ...inRows, desc: planner.layouts.plain(dimsOf(y)) });
}

export const planGlobalAveragePool: Form<"GlobalAveragePool"> = (planner, node) =>
  planGlobalPool(planner, node.inputs[0] as Value, node.outputs[0], "averageWithBorder");

export const planGlobalMaxPool: Form<"GlobalMaxPool"> = (planner, node) =>
  planGlobalPool(planner, node.inputs[0] as Value, node.outputs[0], "max");
