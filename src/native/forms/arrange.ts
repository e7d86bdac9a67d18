import type { Node, Value } from "../../ir/graph.ts";
import { sizeOf } from "../../ir/shape.ts";
import type { Uses } from "../../ir/uses.ts";
import { rowStrides } from "../binding/row-strides.ts";
import { noForm } from "../plan/no-form.ts";
import { repeated, scaled } from "../plan/operands.ts";
import { dimsOf, isMap, isPooled, type Planner } from "../plan/planner.ts";
import type { Operand } from "../plan/program.ts";
import { planSpread } from "./pool.ts";
import type { Form } from "./types.ts";

/** The same numbers under other sizes. */
export const planView = (planner: Planner, node: Node): void => {
  const [x] = node.inputs as readonly Value[];
  planner.give(node.outputs[0], planner.rows(x, dimsOf(node.outputs[0])));
};

/** Maps stacked on their channels stay in blocks where each holds whole blocks. */
export const planConcat: Form<"Concat"> = (planner, node) => {
  const inputs = node.inputs as readonly Value[];
  const [y] = node.outputs;
  const rank = y.shape.length;
  const axis = (node.attrs.axis + rank) % rank;
  const { block } = planner.layouts;
  const wholeBlocks = axis !== 1 || inputs.every(({ shape }) => Number(shape[1]) % block === 0);
  const layout = isMap(y) ? (wholeBlocks ? "blocked" : "channelsLast") : "plain";
  const parts = inputs.map((value) => planner.read(value, planner.layouts.desc(dimsOf(value), layout)));
  const desc = planner.layouts.desc(dimsOf(y), layout);
  const to = planner.result(y, desc);
  let start = 0;
  for (const part of parts) {
    const offsets = part.desc.dims.map((_, other) => (other === axis ? start : 0));
    planner.reorder(part, partOf(planner, to, part.desc.dims, offsets));
    start += part.desc.dims[axis];
  }
};

/** A part of a tensor from `offsets` on: the same memory, of which the rest is skipped. */
function partOf(
  { dnnl, layouts }: Planner,
  whole: Operand,
  dims: readonly number[],
  offsets: readonly number[],
): Operand {
  const strides = layouts.stridesOf(whole.desc);
  if (strides === undefined) {
    const desc = dnnl.part(whole.desc, dims, offsets);
    if (desc) return { ...whole, desc };
    throw noForm("A part of a map", `its ${dims} are no whole blocks of channels`);
  }
  const start = offsets.reduce((sum, offset, axis) => sum + offset * strides[axis], 0);
  const offset = whole.offset + start * Float32Array.BYTES_PER_ELEMENT;
  return { ...whole, offset, desc: dnnl.desc(dims, strides) };
}

/** A part of a tensor, with steps of 1. */
export const planSlice: Form<"Slice"> = (planner, node) => {
  const [x, starts, , axes, steps] = node.inputs as readonly Value[];
  const [y] = node.outputs;
  const dims = dimsOf(x);
  if (steps && numbersOf(planner.uses, steps).some((step) => step !== 1)) {
    throw noForm(node, "steps other than 1 are not planned");
  }
  const offsets = dims.map(() => 0);
  for (const [i, named] of numbersOf(planner.uses, axes).entries()) {
    const axis = (named + dims.length) % dims.length;
    const start = numbersOf(planner.uses, starts)[i];
    offsets[axis] = Math.min(Math.max(start < 0 ? start + dims[axis] : start, 0), dims[axis]);
  }
  const { layouts } = planner;
  const layout = partLayout(planner, x, dimsOf(y), offsets);
  const from = planner.read(x, layouts.desc(dims, layout));
  const part = partOf(planner, from, dimsOf(y), offsets);
  planner.reorder(part, planner.result(y, layouts.desc(dimsOf(y), layout)));
};

/** Parts of whole blocks stay blocked; others are cut from maps that lie pixel by pixel. */
function partLayout(planner: Planner, x: Value, dims: readonly number[], offsets: readonly number[]) {
  if (!isMap(x)) return "plain";
  const { block } = planner.layouts;
  return [dimsOf(x)[1], dims[1], offsets[1]].every((size) => size % block === 0) ? "blocked" : "channelsLast";
}

/** Zeros around a tensor; negative pads crop it. */
export const planPad: Form<"Pad"> = (planner, node) => {
  const [x, pads, fill] = node.inputs as readonly Value[];
  const [y] = node.outputs;
  const filled = fill ? numbersOf(planner.uses, fill)[0] : 0;
  if (node.attrs.mode !== "constant" || filled !== 0) {
    throw noForm(node, "padding with anything but zeros is not planned");
  }
  const [dims, padded] = [dimsOf(x), dimsOf(y)];
  const before = numbersOf(planner.uses, pads).slice(0, dims.length);
  // What is left of the input, and where it begins in both.
  const from = before.map((pad) => Math.max(0, -pad));
  const to = before.map((pad) => Math.max(0, pad));
  const kept = dims.map((dim, axis) => Math.min(dim - from[axis], padded[axis] - to[axis]));
  const { layouts } = planner;
  const layout = partLayout(
    planner,
    x,
    kept,
    from.map((start, axis) => Math.max(start, to[axis])),
  );
  const fits = layout !== "blocked" || padded[1] % layouts.block === 0;
  const chosen = fits ? layout : "channelsLast";
  const source = planner.read(x, layouts.desc(dims, chosen));
  const target = planner.result(y, layouts.desc(padded, chosen));
  if (sizeOf(kept) < sizeOf(padded)) planZeros(planner, target);
  const [cut, hole] = [partOf(planner, source, kept, from), partOf(planner, target, kept, to)];
  // oneDNN 3.7 copies tensors of the same gaps as if they had none.
  const isAlike = planner.layouts.same(cut.desc, hole.desc);
  planner.reorder(isAlike ? planner.reordered(cut, layouts.desc(kept, chosen)) : cut, hole);
};

/** Fills a tensor's memory with zeros, its padding too. */
function planZeros(planner: Planner, target: Operand): void {
  const flat = planner.layouts.plain([target.desc.bytes / Float32Array.BYTES_PER_ELEMENT]);
  planner.reorder(planner.constant(flat.dims, 0), { ...target, desc: flat });
}

export const planTranspose: Form<"Transpose"> = (planner, node) => {
  const [x] = node.inputs as readonly Value[];
  const [y] = node.outputs;
  const dims = dimsOf(x);
  const { perm } = node.attrs;
  const order = perm.length > 0 ? perm : dims.map((_, axis) => dims.length - 1 - axis);
  const from = planner.rows(x);
  const to = planner.result(y, planner.layouts.plain(dimsOf(y)));
  const strides = rowStrides(dims);
  const turned = planner.dnnl.desc(
    order.map((axis) => dims[axis]),
    order.map((axis) => strides[axis]),
  );
  planner.reorder({ ...from, desc: turned }, to);
};

/** Vectors [N,C,1,1] become maps by the gradient of a mean; others are repeated by adding them to zeros. */
export const planExpand: Form<"Expand"> = (planner, node) => {
  const [x] = node.inputs as readonly Value[];
  const [y] = node.outputs;
  if (isMap(y) && isPooled(x) && String(dimsOf(x)) === String([...dimsOf(y).slice(0, 2), 1, 1])) {
    const [, , height, width] = dimsOf(y);
    planSpread(planner, scaled(planner, planner.rows(x), height * width), y, "blocked");
    return;
  }
  const layout = isMap(y) ? "blocked" : "plain";
  const desc = planner.layouts.desc(dimsOf(y), layout);
  planner.give(y, repeated(planner, x, desc));
};

function numbersOf(uses: Uses, value: Value): number[] {
  if (!uses.isStored(value)) throw noForm("Axes and sizes", "they are computed, not stored");
  return Array.from(value.tensor.data as ArrayLike<number | bigint>, Number);
}
