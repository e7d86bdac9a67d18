import type { GraphBuilder } from "../../ir/builder.ts";
import { knownShape, type Value } from "../../ir/graph.ts";
import type { ConvAttrs } from "../../ops/conv-shape.ts";
import { joinPhases, phasesOf } from "./phases.ts";
import { movedColumns, movedRows } from "./shift-maps.ts";
import { range } from "./slices.ts";

/** Where one place of a window finds its pixels: those of a phase, moved. */
interface Source {
  readonly phase: number;
  readonly by: readonly [number, number];
}

/** Kernel position (r, c) sees pixel (h·stride + r·dilation − pad, …): a pixel of the phase that leaves the same remainder, moved. */
function sourcesOf(attrs: ConvAttrs): readonly Source[] {
  const { kernel_shape: kernel, pads, strides, dilations } = attrs;
  const along = (axis: 0 | 1) =>
    range(kernel[axis]).map((position) => {
      const offset = position * dilations[axis] - pads[axis];
      const shift = Math.floor(offset / strides[axis]);
      return { phase: offset - shift * strides[axis], by: -shift };
    });
  const columns = along(1);
  return along(0).flatMap((row) =>
    columns.map((column) => ({
      phase: row.phase * strides[1] + column.phase,
      by: [row.by, column.by] as const,
    })),
  );
}

/**
 * im2col: what each kernel position of a convolution sees, in row-major order: [A, B, H, W] → one map [A, B, outHeight, outWidth] per position.
 *
 * @param attrs the convolution's
 */
export function unfold(
  b: GraphBuilder,
  map: Value,
  attrs: ConvAttrs,
  [height, width]: readonly number[],
): readonly Value[] {
  const phases = phasesOf(b, map, attrs.strides);
  return sourcesOf(attrs).map(({ phase, by: [down, right] }) =>
    movedColumns(b, movedRows(b, phases[phase], down, height), right, width),
  );
}

/** col2im, the gradient of `unfold`: a map [A, B, H, W] of `size` whose pixels are the sums over the kernel positions that see them. */
export function fold(
  b: GraphBuilder,
  unfolded: readonly Value[],
  attrs: ConvAttrs,
  size: readonly number[],
): Value {
  const strides = attrs.strides;
  const [rows, columns] = size.map((length, axis) => Math.ceil(length / strides[axis]));
  const sums: (Value | undefined)[] = range(strides[0] * strides[1]).map(() => undefined);
  for (const [i, { phase, by }] of sourcesOf(attrs).entries()) {
    const [down, right] = by;
    const back = movedRows(b, movedColumns(b, unfolded[i], -right, columns), -down, rows);
    const sum = sums[phase];
    sums[phase] = sum ? b.op("Add", [sum, back]) : back;
  }
  const [n, channels] = knownShape(unfolded[0]);
  const nothing = () => b.op("Expand", [b.constant(0), b.constant([n, channels, rows, columns])]);
  return joinPhases(
    b,
    sums.map((sum) => sum ?? nothing()),
    strides,
    size,
  );
}
