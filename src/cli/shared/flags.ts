import type { ScheduleName } from "../../train/step/schedules.ts";
import type { SEFlags } from "./se-flags.ts";

/** What every command takes. */
export interface CommonFlags {
  readonly json?: true;
  readonly debug?: true;
}

/** What the command line of `senet train` says. Absent: the default, which may depend on the data or the optimizer. */
export interface TrainFlags extends CommonFlags, SEFlags {
  readonly data?: string;
  readonly size?: number;
  readonly skipBad?: true;
  readonly mean?: number[];
  readonly std?: number[];
  readonly out?: string;
  readonly resume?: string;
  readonly checkpointMinutes: number;
  readonly epochs: number;
  readonly batch: number;
  readonly seed: number;
  readonly optimizer: "sgd" | "adamw";
  readonly lr?: number;
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly weightDecay?: number;
  readonly schedule: ScheduleName;
  readonly warmup: number;
  readonly labelSmoothing: number;
  readonly clipNorm?: number;
  readonly ema?: number;
  readonly pad?: number;
  readonly flip: boolean;
  readonly cutout: number;
  readonly init?: string;
  readonly offline?: true;
  readonly resetHead?: true;
  readonly freeze?: string;
  readonly lrScale?: readonly (readonly [pattern: string, factor: number])[];
  readonly threads?: number;
}
