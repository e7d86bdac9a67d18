import { formatShape } from "../ir/shape.ts";
import type { IgnoredTensor, MisshapedTensor } from "./match-weights.ts";

/** Which tensors of a file and of a network were matched, and which were not. */
export interface WeightsReport {
  /** Path or address of the file. */
  readonly source: string;
  /** Tensors of the network that now come from the file, and their names there. */
  readonly loaded: readonly LoadedTensor[];
  /** Tensors of the network that the file does not have. */
  readonly missing: readonly string[];
  /** Tensors of the file that the network does not have. */
  readonly unexpected: readonly string[];
  readonly misshaped: readonly MisshapedTensor[];
  /** Tensors of the file that are rightly left out, and why. */
  readonly ignored: readonly IgnoredTensor[];
  /** Tensors of the classifier that keep fresh initial values. */
  readonly resetHead: readonly string[];
  /** Whose names the file has, where they are not this package's. */
  readonly namesOf?: string;
  /** Caveats about the result. */
  readonly notes: readonly string[];
}

/** A tensor that a network has from a file. */
export interface LoadedTensor {
  readonly name: string;
  /** Its name in the file. */
  readonly from: string;
}

/** The report in full, one tensor a line; those that were loaded under their own names are only counted. */
export function describeReport(report: WeightsReport): string {
  const { source, loaded, missing, unexpected, misshaped, ignored, resetHead, notes } = report;
  const rows = [
    `${source}: loaded ${loaded.length} tensors`,
    ...loaded.filter(({ name, from }) => name !== from).map(({ name, from }) => `renamed ${from} → ${name}`),
    ...resetHead.map((name) => `reset ${name}`),
    ...missing.map((name) => `missing ${name}`),
    ...misshaped.map((tensor) => `misshaped ${describeMisshaped(tensor)}`),
    ...unexpected.map((name) => `unexpected ${name}`),
    ...ignored.map(({ name, why }) => `ignored ${name}: ${why}`),
    ...notes.map((note) => `note: ${note}`),
  ];
  return rows.join("\n");
}

/** @example "fc.weight: expected [1000, 2048], found [10, 2048]" */
export function describeMisshaped({ name, expected, found, type }: MisshapedTensor): string {
  const of = type === undefined ? "" : ` of ${type}`;
  return `${name}: expected ${formatShape(expected)}, found ${formatShape(found)}${of}`;
}
