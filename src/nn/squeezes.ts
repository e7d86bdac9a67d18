import { SenetError } from "../base/errors.ts";
import type { GraphBuilder } from "../ir/builder.ts";
import type { Value } from "../ir/graph.ts";
import { type Tensor, tensor } from "../ir/tensor.ts";
import { knownDim } from "../ops/shared.ts";
import { globalAveragePool, globalMaxPool } from "./pooling.ts";
import type { Squeeze } from "./se-names.ts";

/** The descriptor that a squeeze makes from a map [N,C,H,W]. */
export interface Descriptor {
  /** [N, S·C, h, w]: S numbers per channel, in S rows of C, at h × w positions. */
  readonly descriptor: Value;
  /** Whether the excitation reads all positions together, by a first layer with that kernel, or each alone. */
  readonly together: boolean;
  /** Turns a gate at h × w positions into one that multiplies the map. */
  spread(gate: Value): Value;
}

/** Options of the squeezes. */
export interface SqueezeOptions {
  readonly grid?: number;
  readonly tile?: number;
}

type SqueezeRule = (b: GraphBuilder, x: Value, options: SqueezeOptions) => Descriptor;

/** Added to the variance, because the square root has no derivative at zero. */
const EPSILON = 1e-5;

/**
 * The squeezes:
 *
 * - `avg`, `max`: mean or maximum of each channel (the paper's Table 11)
 * - `avg+max`, `avg+std`: both, or mean and standard deviation, concatenated
 * - `grid`: the means of k × k regions, as in RoI pooling, all in the descriptor
 * - `flatten`: the whole map as descriptor
 * - `tile`: the means of windows of t × t pixels; each window has its own gates
 * - `none`: the map itself; each pixel has its own gates (the paper's NoSqueeze, Table 16)
 */
export const squeezes: Readonly<Record<Squeeze, SqueezeRule>> = {
  avg: (b, x) => perChannel(globalAveragePool(b, x)),
  max: (b, x) => perChannel(globalMaxPool(b, x)),
  "avg+max": (b, x) => perChannel(beside(b, [globalAveragePool(b, x), globalMaxPool(b, x)])),
  "avg+std": (b, x) => perChannel(beside(b, meanAndDeviation(b, x))),
  grid: (b, x, { grid = 2 }) => ({ ...perChannel(regionMeans(b, x, grid)), together: true }),
  flatten: (b, x) => {
    sidesOf(b, x);
    return { ...perChannel(x), together: true };
  },
  tile: tileMeans,
  none: (_, x) => perChannel(x),
};

/** A descriptor whose gates multiply the map directly: there is one per channel, or one per pixel. */
function perChannel(descriptor: Value): Descriptor {
  return { descriptor, together: false, spread: (gate) => gate };
}

function beside(b: GraphBuilder, parts: readonly Value[]): Value {
  return b.op("Concat", parts, { axis: 1 });
}

function meanAndDeviation(b: GraphBuilder, x: Value): [Value, Value] {
  const mean = globalAveragePool(b, x);
  const centered = b.op("Sub", [x, mean]);
  const variance = globalAveragePool(b, b.op("Mul", [centered, centered]));
  return [mean, b.op("Sqrt", [b.op("Add", [variance, b.constant(EPSILON)])])];
}

/** Means of k × k regions [N,C,k,k]; where k does not divide a side, neighbors share rows, as in PyTorch's `AdaptiveAvgPool2d`. */
function regionMeans(b: GraphBuilder, x: Value, k: number): Value {
  const [height, width] = sidesOf(b, x);
  if (k > height || k > width) {
    const most = Math.min(height, width);
    throw new SenetError(
      "usage",
      `SE block ${b.path()}: expected a grid of at most ${most}×${most} for a map of ${height}×${width}, found ${k}×${k}; choose a coarser one.`,
    );
  }
  const split = (side: number) =>
    Array.from(
      { length: k },
      (_, i): Region => [Math.floor((i * side) / k), Math.ceil(((i + 1) * side) / k)],
    );
  return pooled(b, x, split(height), split(width));
}

/** Means of windows, of which the last in a row or column may be narrower; their gates are repeated over the window's pixels. */
function tileMeans(b: GraphBuilder, x: Value, { tile = 7 }: SqueezeOptions): Descriptor {
  const [height, width] = sidesOf(b, x);
  const split = (side: number) =>
    Array.from(
      { length: Math.ceil(side / tile) },
      (_, i): Region => [i * tile, Math.min((i + 1) * tile, side)],
    );
  const [rows, columns] = [split(height), split(width)];
  return {
    descriptor: pooled(b, x, rows, columns),
    together: false,
    spread(gate) {
      const down = matrix(height, rows.length, (y, i) => inside(rows[i], y));
      const across = matrix(columns.length, width, (i, z) => inside(columns[i], z));
      return betweenMatrices(b, down, gate, across);
    },
  };
}

/** A row of pixels: from the first to before the second. */
type Region = readonly [start: number, end: number];

function inside([start, end]: Region, pixel: number): 0 | 1 {
  return start <= pixel && pixel < end ? 1 : 0;
}

/** Means over every region of rows by every region of columns: [N,C,H,W] → [N,C,rows,columns]. */
function pooled(b: GraphBuilder, x: Value, rows: readonly Region[], columns: readonly Region[]): Value {
  const [height, width] = sidesOf(b, x);
  const share = (region: Region, pixel: number) => inside(region, pixel) / (region[1] - region[0]);
  const left = matrix(rows.length, height, (i, y) => share(rows[i], y));
  return betweenMatrices(
    b,
    left,
    x,
    matrix(width, columns.length, (z, i) => share(columns[i], z)),
  );
}

/** left · map · right, for each channel: pooling and spreading over regions are linear in rows and in columns. */
function betweenMatrices(b: GraphBuilder, left: Tensor, map: Value, right: Tensor): Value {
  return b.op("MatMul", [b.constant(left), b.op("MatMul", [map, b.constant(right)])]);
}

function matrix(rows: number, columns: number, at: (row: number, column: number) => number): Tensor {
  const data = Array.from({ length: rows * columns }, (_, i) => at(Math.floor(i / columns), i % columns));
  return tensor([rows, columns], data);
}

function sidesOf(b: GraphBuilder, { shape }: Value): [number, number] {
  const what = `SE block ${b.path()}`;
  return [knownDim(shape, 2, what), knownDim(shape, 3, what)];
}
