import type { GraphBuilder } from "../../ir/builder.ts";
import { knownShape, type Value } from "../../ir/graph.ts";
import { sizeOf } from "../../ir/shape.ts";
import type { NodeOf } from "../../ops/predicates.ts";
import { inputGradient, outweighsMaps } from "./conv-as-mat-mul.ts";
import { joinPhases } from "./phases.ts";
import { rotateKernel } from "./rotate-kernel.ts";
import { range } from "./slices.ts";
import type { Lowering } from "./types.ts";

/**
 * The input gradient, phase by phase (every stride-th row and column): each is a convolution of dY with those positions of the kernel that
 * see it, their channels swapped and rotated by 180° (110–190 GFLOP/s, against 33–150 for ConvTranspose). With stride 1 there is one
 * phase. Convolutions with more weights than pixels are matrix products; windows that need cropping, and phases with little to
 * multiply, are left to ConvTranspose.
 */
export const lowerConvGradInput: Lowering<"ConvGradInput"> = (b, node, [dy, w]) => {
  const sizes = { x: node.attrs.input_shape, w: knownShape(w), y: knownShape(dy) };
  if (outweighsMaps(sizes, node.attrs)) return [inputGradient(b, [dy, w], sizes, node.attrs)];
  return [byPhases(b, node, dy, w) ?? asConvTranspose(b, node, dy, w)];
};

type Gradient = NodeOf<"ConvGradInput">;

/** Products for each element of dX from which on it pays to put several phases together. */
const WORTH_JOINING = 200;

function byPhases(b: GraphBuilder, { attrs }: Gradient, dy: Value, w: Value): Value | undefined {
  const { input_shape: shape, strides, group } = attrs;
  const [rows, columns] = ([0, 1] as const).map((axis) => phasesAlong(attrs, axis, knownShape(dy)[axis + 2]));
  const phases = rows.flatMap((row) => columns.map((column) => [row, column] as const));
  const products = sizeOf(knownShape(w)) / (shape[1] * phases.length);
  if (phases.length > 1 && products < WORTH_JOINING) return undefined;
  if (phases.some((phase) => phase.some(({ pads }) => Math.min(...pads) < 0))) return undefined;
  const size = [shape[0], shape[1], rows[0].length, columns[0].length];
  const maps = phases.map(([row, column]) =>
    row.positions * column.positions === 0
      ? b.op("Expand", [b.constant(0), b.constant(size)])
      : phaseOf(b, dy, tapsBetween(b, w, row, column), { row, column, group }),
  );
  return joinPhases(b, maps, strides, shape.slice(2));
}

/** One axis of a phase: the kernel positions `first`, `first + step`, …, and how they move over dY. */
interface Phase {
  readonly first: number;
  readonly step: number;
  readonly positions: number;
  readonly dilation: number;
  /** Before and after dY. */
  readonly pads: readonly [number, number];
  readonly length: number;
}

/** Tap r sees pixel h·stride + r·dilation − pad: of the phase that leaves the same remainder, the pixel h + shift. */
function phasesAlong(attrs: Gradient["attrs"], axis: 0 | 1, outLength: number): readonly Phase[] {
  const [positions, stride, dilation] = [
    attrs.kernel_shape[axis],
    attrs.strides[axis],
    attrs.dilations[axis],
  ];
  const length = Math.ceil(attrs.input_shape[axis + 2] / stride);
  return range(stride).map((phase) => {
    const shift = (position: number) => (position * dilation - attrs.pads[axis] - phase) / stride;
    const seen = range(positions).filter((position) => Number.isInteger(shift(position)));
    const [first = 0, second = first + 1] = seen;
    const last = seen.at(-1) ?? first;
    const before = shift(last);
    const after = length - outLength - before + (shift(last) - shift(first));
    const pads: [number, number] = seen.length === 0 ? [0, 0] : [before, after];
    const apart = Math.max(1, Math.round(shift(second) - shift(first)));
    return { first, step: second - first, positions: seen.length, dilation: apart, pads, length };
  });
}

/** The part of a weight that a phase reads. */
function tapsBetween(b: GraphBuilder, w: Value, row: Phase, column: Phase): Value {
  const [, , height, width] = knownShape(w);
  if (row.positions === height && column.positions === width) return w;
  const end = ({ first, step, positions }: Phase) => first + step * (positions - 1) + 1;
  const bounds = [
    [row.first, column.first],
    [end(row), end(column)],
    [2, 3],
    [row.step, column.step],
  ];
  return b.op("Slice", [w, ...bounds.map((numbers) => b.constant(numbers))]);
}

function phaseOf(
  b: GraphBuilder,
  dy: Value,
  w: Value,
  { row, column, group }: { row: Phase; column: Phase; group: number },
): Value {
  return b.op("Conv", [dy, rotateKernel(b, w, group)], {
    kernel_shape: [row.positions, column.positions],
    dilations: [row.dilation, column.dilation],
    group,
    pads: [row.pads[0], column.pads[0], row.pads[1], column.pads[1]],
  });
}

function asConvTranspose(b: GraphBuilder, { attrs }: Gradient, dy: Value, w: Value): Value {
  const { input_shape, ...window } = attrs;
  const { kernel_shape, strides, pads, dilations } = window;
  const output_padding = [0, 1].map(
    (axis) =>
      input_shape[axis + 2] -
      (strides[axis] * (knownShape(dy)[axis + 2] - 1) +
        dilations[axis] * (kernel_shape[axis] - 1) +
        1 -
        pads[axis] -
        pads[axis + 2]),
  );
  return b.op("ConvTranspose", [dy, w], { ...window, output_padding });
}
