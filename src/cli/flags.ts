import type { ScheduleName } from "../train/schedules.ts";

/** What every command takes. */
export interface CommonFlags {
  readonly json?: true;
  readonly debug?: true;
}

/** What the command line of `senet train` says. Absent: the default, which may depend on the data or the optimizer. */
export interface TrainFlags extends CommonFlags {
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
  readonly reduction?: number;
  readonly gate?: "sigmoid" | "hard-sigmoid";
  readonly seBias: boolean;
  readonly threads?: number;
}

/** What the command line of `senet eval` says. */
export interface EvalFlags extends CommonFlags {
  readonly best?: true;
  readonly data?: string;
  readonly size?: number;
  readonly skipBad?: true;
  readonly mean?: number[];
  readonly std?: number[];
  readonly batch?: number;
  readonly threads?: number;
}

/** What the command line of `senet compare` says. */
export interface CompareFlags extends CommonFlags {
  readonly report?: string;
  readonly threads?: number;
  readonly size?: readonly [height: number, width: number];
  readonly classes?: number;
}

/** What the command line of `senet summary` says. */
export interface SummaryFlags extends CommonFlags {
  readonly depth?: number;
  readonly batch?: number;
  readonly size?: readonly [height: number, width: number];
  readonly classes?: number;
}

/** What the command line of `senet export` says. */
export interface ExportFlags extends CommonFlags {
  readonly out?: string;
  readonly opset: number;
  readonly batch?: number | string;
  readonly size?: readonly [height: number, width: number];
  readonly classes?: number;
  readonly seed?: number;
}

/** What the command line of `senet profile` says. */
export interface ProfileFlags extends CommonFlags {
  readonly runs: number;
  readonly depth: number;
  readonly threads?: number;
  readonly batch?: number;
  readonly size?: readonly [height: number, width: number];
  readonly classes?: number;
}

/** What the command line of `senet complexity` says. */
export interface ComplexityFlags extends CommonFlags {
  readonly paper?: true;
}
