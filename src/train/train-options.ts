import type { Loader } from "../data/loader/loader-node.ts";
import type { Graph } from "../ir/graph.ts";
import type { Position } from "./checkpoint.ts";
import type { EpochRecord } from "./epoch-record.ts";
import type { Metrics } from "./metrics.ts";
import type { RunFolder } from "./run-folder-node.ts";

/** What a run tells while it goes. */
export type TrainEvent =
  | {
      readonly type: "step";
      readonly epoch: number;
      /** Steps done in this epoch, and in all of them. */
      readonly batch: number;
      readonly batches: number;
      readonly step: number;
      readonly steps: number;
      /** Over this epoch so far. */
      readonly train: Metrics;
      readonly learningRate: number;
      readonly imagesPerSecond: number;
    }
  | { readonly type: "evaluating"; readonly done: number; readonly total: number }
  | { readonly type: "epoch"; readonly record: EpochRecord; readonly best: boolean };

export interface TrainOptions {
  /** The network to begin with. Default: the one the configuration names, with random weights. */
  readonly model?: Graph | undefined;
  /** Opened on the data the configuration names, both splits. */
  readonly loader: Loader;
  /**
   * Called once everything that can be checked has been: gives the folder to write to. Where it holds a checkpoint, the
   * run goes on from there.
   */
  readonly openFolder: (sizes: RunSizes) => Promise<RunFolder>;
  /**
   * Milliseconds after which a checkpoint is written inside an epoch too (each epoch ends with one), so that a killed
   * run loses little. Default: 5 minutes.
   */
  readonly checkpointMs?: number | undefined;
  /** Threads of the engine. Default: as many as there are cores. */
  readonly threads?: number | undefined;
  readonly onEvent?: ((event: TrainEvent) => void) | undefined;
  /** When it fires, the present step is finished, a checkpoint saved, and the run returns. */
  readonly signal?: AbortSignal | undefined;
}

/** What a run is about to do, known once its training step is built. */
export interface RunSizes {
  /** Numbers that are learned. */
  readonly parameters: number;
  /** Bytes that the run's files take at most, temporary ones included. */
  readonly diskBytes: number;
  /** Steps of one epoch. */
  readonly batches: number;
}

export interface TrainResult {
  readonly folder: RunFolder;
  /** False when the signal stopped it. */
  readonly finished: boolean;
  readonly records: readonly EpochRecord[];
  readonly best: Position["best"];
}
