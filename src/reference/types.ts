import type { Attrs } from "../ir/graph.ts";

/** A tensor of the reference evaluator: whatever the dtype, elements are float64, row-major. */
export interface RefTensor {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** What one operator computes, written to be obviously right rather than fast. */
export type ReferenceFunction = (inputs: readonly (RefTensor | null)[], attrs: Attrs) => readonly RefTensor[];
