import type { Failure } from "../../base/failure.ts";
import type { DataSource, LoadedInfo, OpenProgress } from "../dataset/dataset.ts";
import type { ChannelStatistics } from "../dataset/normalize.ts";
import type { Batch } from "./batch-pool.ts";
import type { BatchOptions } from "./batches.ts";

/** Which data sets a loader opens. */
export interface LoaderSources {
  readonly train?: DataSource | undefined;
  readonly test?: DataSource | undefined;
}

/** Part of a data set. */
export type Split = "train" | "test";

/** Batches that may exist at once in an iteration: three prepared ahead and one in use. */
export const BATCHES_IN_FLIGHT = 4;

/** What the main thread asks. `id` names the request or iteration that the answers belong to. */
export type LoaderRequest =
  | { readonly type: "statistics"; readonly id: number }
  | { readonly type: "start"; readonly id: number; readonly split: Split; readonly options: BatchOptions }
  /** Hands a batch's buffers back, which allows one more batch to be prepared. */
  | { readonly type: "recycle"; readonly id: number; readonly batch: Batch }
  | { readonly type: "stop"; readonly id: number };

/** What the worker answers. */
export type LoaderReply =
  | { readonly type: "progress"; readonly progress: OpenProgress }
  | { readonly type: "ready"; readonly train?: LoadedInfo; readonly test?: LoadedInfo }
  | { readonly type: "failed"; readonly id: number; readonly failure: Failure }
  | { readonly type: "statistics"; readonly id: number; readonly statistics: ChannelStatistics }
  | { readonly type: "batch"; readonly id: number; readonly batch: Batch }
  | { readonly type: "end"; readonly id: number };

/** The `id` of opening. */
export const OPENING = 0;

/** The buffers of a batch, to be transferred instead of copied. */
export function buffersOf(batch: Batch): ArrayBuffer[] {
  return [batch.images.buffer, batch.labels.buffer].filter((buffer) => buffer instanceof ArrayBuffer);
}
