import type { Loader } from "../data/loader/loader-node.ts";
import type { Position } from "./checkpoint.ts";
import type { Run } from "./configure-run-node.ts";
import type { TrainEngine } from "./engine/engine.ts";
import type { EpochRecord } from "./epoch-record.ts";
import type { Metrics } from "./metrics.ts";
import type { RunFolder } from "./run-folder-node.ts";
import type { TrainStep } from "./step/train-step.ts";

/** A run that is ready to be trained. */
export interface PreparedRun extends Run {
  /** Open on the data of the configuration. */
  readonly loader: Loader;
  readonly step: TrainStep;
  /** Numbers that are learned. */
  readonly parameters: number;
  /** Steps of one epoch. */
  readonly batches: number;
  /** Bytes that the run's files take at most, temporary ones included. */
  readonly diskBytes: number;
}

/** What a run reports on its way. */
export type TrainEvent =
  | {
      /** Before the first step that is computed now. */
      readonly type: "engine";
      readonly engine: TrainEngine;
      /** What computed the steps before, if something else did; from here on numbers differ in rounding from its. */
      readonly from: TrainEngine | undefined;
      /** Steps done before. */
      readonly step: number;
      /** Why `auto` did not take oneDNN, as a sentence. */
      readonly refusal: string | undefined;
    }
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

/** Options of `train`. */
export interface TrainOptions {
  /**
   * Milliseconds after which a checkpoint is written inside an epoch too (each epoch ends with one), so that a killed
   * run loses little. Default: 5 minutes.
   */
  readonly checkpointMs?: number | undefined;
  /** Threads of the engine. Default: as many as there are cores. */
  readonly threads?: number | undefined;
  /** Called before the first step, after each step, while the network is tested, and after each epoch. */
  readonly onEvent?: ((event: TrainEvent) => void) | undefined;
  /** When it fires, the present step is finished, a checkpoint saved, and the run returns. */
  readonly signal?: AbortSignal | undefined;
}

/** What `train` leaves behind. */
export interface TrainResult {
  readonly folder: RunFolder;
  /** False when the signal stopped it. */
  readonly finished: boolean;
  /** One for each epoch, earlier processes' included. */
  readonly records: readonly EpochRecord[];
  readonly best: Position["best"];
}
