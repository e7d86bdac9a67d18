import { normal, permutation, type Random, randomStream } from "../../src/base/random.ts";
import type { DType } from "../../src/ir/dtype.ts";
import type { Attr } from "../../src/ir/graph.ts";
import { sizeOf } from "../../src/ir/shape.ts";
import { type Tensor, tensor } from "../../src/ir/tensor.ts";

/** One way to use an operator, for the sweep over all of them. */
export interface OperatorCase {
  readonly name: string;
  readonly inputs: readonly (CaseInput | null)[];
  readonly attrs?: Readonly<Record<string, Attr>>;
  /** What `differentiate` says where a gradient rule does not cover this case. */
  readonly noGradient?: string;
  /** What `lower` says of a composite whose expansion does not cover this case. */
  readonly notLowered?: string;
}

export type Draw = (random: Random, size: number) => number[];

export interface CaseInput {
  readonly shape: readonly number[];
  readonly dtype: DType;
  /** Stored in the graph, as ONNX wants shapes and axes, instead of fed. */
  readonly constant: boolean;
  readonly draw: Draw;
}

/** A float32 input drawn at random. */
export function fed(shape: readonly number[], draw: Draw = normals): CaseInput {
  return { shape, dtype: "float32", constant: false, draw };
}

/** An input with the given elements; a plain list is a vector. */
export function fedWith(
  values: readonly number[],
  dtype: DType = "float32",
  shape = [values.length],
): CaseInput {
  return { shape, dtype, constant: false, draw: () => [...values] };
}

/** Numbers the graph stores: axes, shapes, bounds. */
export function given(values: readonly number[], dtype: DType = "int64", shape = [values.length]): CaseInput {
  return { shape, dtype, constant: true, draw: () => [...values] };
}

/** Input `position` of a case as a tensor: float32 numbers that both evaluators see alike. */
export function tensorOf({ shape, dtype, draw }: CaseInput, position: number): Tensor {
  return tensor(shape, draw(randomStream(position, ...shape), sizeOf(shape)), dtype);
}

export const normals: Draw = (random, size) => Array.from({ length: size }, () => normal(random));

/** Uniform in [low, high). */
export function between(low: number, high: number): Draw {
  return (random, size) => Array.from({ length: size }, () => low + (high - low) * random());
}

/** Normal numbers, none near `points`, where an operator has a kink that central differences would straddle. */
export function avoiding(...points: readonly number[]): Draw {
  return (random, size) =>
    Array.from({ length: size }, () => {
      let drawn = normal(random);
      while (points.some((point) => Math.abs(drawn - point) < 0.05)) drawn = normal(random);
      return drawn;
    });
}

/** Numbers in random order, no two nearer than 1/16, so that no maximum is close. */
export const apart: Draw = (random, size) =>
  Array.from(permutation(size, random), (i) => (i - size / 2) / 16);

/** Few different small integers, so that maxima are often equal and zeros frequent. */
export const tied: Draw = (random, size) => Array.from({ length: size }, () => Math.floor(3 * random()) - 1);
