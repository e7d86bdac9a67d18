import type { Complexity } from "../../analysis/complexity.ts";
import { change, grouped, millions, milliseconds, percent, points } from "../../base/format.ts";
import type { Graph } from "../../ir/graph.ts";
import type { TrainConfig } from "../../train/config.ts";
import type { EpochRecord } from "../../train/epoch-record.ts";

/** A run from its folder. */
export interface OpenRun {
  readonly path: string;
  readonly config: TrainConfig;
  readonly records: readonly EpochRecord[];
  readonly last: EpochRecord;
  readonly best: EpochRecord;
  readonly model: Uint8Array;
  /** The network before training. */
  readonly initial: Graph;
}

/** One run with everything that is compared. */
export interface ComparedRun extends OpenRun {
  /** Shortest name that tells the runs apart. */
  readonly label: string;
  readonly complexity: Complexity;
  /** Median milliseconds of a training step, and of inference on one image. */
  readonly stepMs: number;
  readonly inferenceMs: number;
}

/** Runs compared, and what must be said of the comparison. */
export interface Comparison {
  readonly runs: readonly ComparedRun[];
  /** How the times were measured. */
  readonly measured: string;
  readonly warnings: readonly string[];
}

/** The comparison as a table: one row a run, and one more for its difference from the first. */
export function comparisonTable(runs: readonly ComparedRun[]): { columns: string[]; rows: string[][] } {
  const [first] = runs;
  const columns = ["network", "test accuracy", "parameters", "MACs", "training step", "inference"];
  const rows = runs.flatMap((run) => {
    const { last, best, complexity: count } = run;
    const bracket = best.epoch === last.epoch ? "" : ` (best ${percent(best.test.top1)})`;
    const row = [
      run.label,
      `${percent(last.test.top1)}${bracket}`,
      grouped(count.parameters),
      millions(count.macs),
      milliseconds(run.stepMs),
      milliseconds(run.inferenceMs),
    ];
    return run === first ? [row] : [row, differenceRow(run, first)];
  });
  return { columns, rows };
}

function differenceRow(run: ComparedRun, first: ComparedRun): string[] {
  return [
    "  difference",
    `${points(run.last.test.top1 - first.last.test.top1)} points`,
    change(run.complexity.parameters, first.complexity.parameters),
    change(run.complexity.macs, first.complexity.macs),
    change(run.stepMs, first.stepMs),
    change(run.inferenceMs, first.inferenceMs),
  ];
}
