import { resolve } from "node:path";
import { SenetError } from "../base/errors.ts";
import { EMBEDDED } from "../data/formats/embedded-node.ts";
import type { Loader } from "../data/loader/loader-node.ts";
import type { TrainConfig } from "./config.ts";

/**
 * What a run remembers of its data: where it is, how it is read, and what tells it from other data.
 *
 * @throws SenetError `data` when the loader lacks a split
 */
export function dataOf(
  loader: Loader,
  { path, size, skipBad = false, limit }: DataPlace,
): TrainConfig["data"] {
  const { train, test } = loader;
  if (!train || !test) throw new SenetError("data", `${path}: expected both splits.`);
  return {
    path: placeOf(path),
    ...(size !== undefined && { size }),
    skipBad,
    ...(limit !== undefined && { limit }),
    samples: [train.length, test.length],
    labels: labelHashes(loader),
  };
}

/** Where data is and how it is read. */
export interface DataPlace {
  readonly path: string;
  readonly size?: number | undefined;
  readonly skipBad?: boolean | undefined;
  readonly limit?: number | undefined;
}

/** What tells the labels of both splits, in their order, from others. */
export function labelHashes({ train, test }: Loader): string {
  return `${train?.labelHash}-${test?.labelHash}`;
}

/** How a run remembers where its data is: valid from every folder. */
export function placeOf(data: string): string {
  return EMBEDDED.some((name) => name === data) ? data : resolve(data);
}
