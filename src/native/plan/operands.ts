import type { Value } from "../../ir/graph.ts";
import { sizeOf } from "../../ir/shape.ts";
import type { Desc } from "../binding/dnnl.ts";
import type { Layout } from "./layouts.ts";
import { noForm } from "./no-form.ts";
import { dimsOf, type Planner } from "./planner.ts";
import type { Operand } from "./program.ts";

/** The other input of an element-wise operation: a value, or a number. */
export type Other = Value | number;

/** Whether an input is as large as the result. */
export function isWhole(other: Other, { dims }: Desc): boolean {
  return typeof other === "object" && sizeOf(dimsOf(other)) === sizeOf(dims);
}

/** An input of the result's sizes, in its order; a smaller one is repeated. */
export function whole(planner: Planner, value: Value, desc: Desc): Operand {
  if (!isWhole(value, desc)) return repeated(planner, value, desc);
  if (String(dimsOf(value)) === String(desc.dims)) return planner.read(value, desc);
  return planner.inOrder(planner.rows(value, desc.dims), desc);
}

/** A value's sizes under those of a result that it is repeated to: aligned from the right, with 1 in front. */
function aligned(value: Value, { dims: wanted }: Desc): readonly number[] {
  const dims = dimsOf(value);
  // A result [N,C,1,1] is planned as [N,C].
  const own = wanted.length === 2 && dims.length > 2 ? [1, ...dims].slice(-4, -2) : dims;
  return [...wanted.slice(own.length).map(() => 1), ...own];
}

/** A second input: as large as the result, or repeated along axes by the primitive. */
export function beside(planner: Planner, value: Other, desc: Desc, layout: Layout): Operand {
  return planner.remembered(value, desc, () => besideOf(planner, value, desc, layout));
}

function besideOf(planner: Planner, value: Other, desc: Desc, layout: Layout): Operand {
  if (typeof value === "number") {
    const ones = desc.dims.map(() => 1);
    return { ...planner.constant(ones, value), desc: planner.layouts.repeating(ones, layout) };
  }
  if (isWhole(value, desc)) return whole(planner, value, desc);
  const padded = aligned(value, desc);
  if (padded.length !== 4) return planner.rows(value, padded);
  if (sizeOf(padded) === padded[0] && padded[0] > 1) return perImage(planner, value, desc, layout);
  const wanted = planner.layouts.repeating(padded, layout);
  const rows = planner.rows(value, padded);
  // One number may be read as a block of which the first is used.
  if (sizeOf(padded) === 1) return { ...rows, desc: wanted };
  return value.shape.length === 4 ? planner.read(value, wanted) : planner.inOrder(rows, wanted);
}

/** [N,1,1,1] for every channel: a column times a row of ones. oneDNN repeats [N,C,1,1] quickly, and this not. */
function perImage(planner: Planner, value: Value, { dims }: Desc, layout: Layout): Operand {
  const [n, channels] = dims;
  const to = timesOnes(planner, planner.rows(value, [n, 1]), channels);
  const vectors = { ...to, desc: planner.layouts.plain([n, channels, 1, 1]) };
  const wanted = planner.layouts.repeating(vectors.desc.dims, layout);
  return planner.inOrder(vectors, wanted);
}

/** Every number of a column, repeated along a row. */
function timesOnes(planner: Planner, column: Operand, length: number): Operand {
  const ones = planner.constant([1, length], 1);
  const matrix = planner.layouts.plain([column.desc.dims[0], length]);
  const primitive = planner.once("matmul", [column.desc, ones.desc, matrix], () =>
    planner.dnnl.matmul(column.desc, ones.desc, undefined, matrix),
  );
  const to = planner.temporary(matrix);
  planner.call(primitive, { src: column, weights: ones, dst: to });
  return to;
}

/** A value repeated until it has the result's sizes. */
export function repeated(planner: Planner, value: Value, desc: Desc): Operand {
  const padded = aligned(value, desc);
  const rows = planner.rows(value, padded);
  if (desc.dims.length === 4 && padded[1] === 1 && padded[2] * padded[3] > 1) {
    return overChannels(planner, rows, desc);
  }
  const zeros = planner.constant(desc.dims, 0);
  const plain = planner.layouts.plain(desc.dims);
  const primitive = planner.once("binary", ["add", plain, rows.desc], () =>
    planner.dnnl.binary("add", plain, rows.desc, plain),
  );
  if (planner.isSlow(primitive, desc.dims))
    throw noForm("Expand", `it is slow in repeating numbers until they are [${desc.dims.join(", ")}]`);
  const to = planner.temporary(plain);
  planner.call(primitive, { src: zeros, src1: rows, dst: to });
  return planner.inOrder(to, desc);
}

/** [N,1,H,W] for every channel: the product of pixels and ones, which lies pixel by pixel. */
function overChannels(planner: Planner, rows: Operand, desc: Desc): Operand {
  const { layouts } = planner;
  const pixels = sizeOf(rows.desc.dims);
  const to = timesOnes(planner, { ...rows, desc: layouts.plain([pixels, 1]) }, desc.dims[1]);
  const map = { ...to, desc: layouts.desc(desc.dims, "channelsLast") };
  return planner.inOrder(map, desc);
}

/** A tensor in rows times a factor. */
export function scaled(
  planner: Planner,
  from: Operand,
  factor: number,
  to = planner.temporary(from.desc),
): Operand {
  const { desc } = from;
  const primitive = planner.once("eltwise", ["linear", desc, factor, 0], () =>
    planner.dnnl.eltwise("linear", desc, factor, 0),
  );
  planner.call(primitive, { src: from, dst: { ...to, desc } });
  return to;
}
