import type { WeightFormat } from "../../passes/quantization/weight-formats.ts";
import type { PlaceKind } from "../../passes/se/find-se-places.ts";
import type { CalibrationMethod } from "../../quantize/calibration-methods.ts";
import type { WeightsFlags } from "./apply-weights.ts";
import type { LoadOptions } from "./load-model.ts";
import type { PreprocessingFlags } from "./preprocessing-options.ts";

/** What every command takes. */
export interface CommonFlags {
  readonly json?: true;
  readonly debug?: true;
}

/** What the command line of `senet eval` says. */
export interface EvalFlags extends CommonFlags, PreprocessingFlags, WeightsFlags {
  readonly best?: true;
  readonly data?: string;
  readonly size?: readonly [height: number, width: number];
  readonly classes?: number;
  readonly skipBad?: true;
  readonly batch?: number;
  readonly threads?: number;
}

/** What the command line of `senet predict` says. */
export interface PredictFlags extends CommonFlags, PreprocessingFlags, WeightsFlags {
  readonly topK: number;
  readonly labels?: string;
  readonly size?: readonly [height: number, width: number];
  readonly classes?: number;
  readonly batch?: number;
  readonly threads?: number;
}

/** What the command line of `senet quantize` says. */
export interface QuantizeFlags extends CommonFlags, PreprocessingFlags {
  readonly calibrate?: string;
  readonly images: number;
  readonly seed: number;
  readonly method: CalibrationMethod;
  readonly percentile?: number;
  readonly keepFloat?: string;
  readonly maxDrop?: number;
  readonly reduceRange?: true;
  readonly weights?: WeightFormat;
  readonly data?: string;
  readonly size?: readonly [height: number, width: number];
  readonly force?: true;
  readonly threads?: number;
}

/** What the command line of `senet compare` says. */
export interface CompareFlags extends CommonFlags, Pick<LoadOptions, "size" | "classes"> {
  readonly report?: string;
  readonly threads?: number;
}

/** What the command line of `senet summary` says. */
export interface SummaryFlags extends CommonFlags, LoadOptions {
  readonly depth?: number;
}

/** What the command line of `senet export` says. */
export interface ExportFlags extends CommonFlags, LoadOptions {
  readonly out?: string;
  readonly opset: number;
}

/** What the command line of `senet optimize` says. */
export interface OptimizeFlags extends CommonFlags, Pick<LoadOptions, "size" | "batch"> {
  readonly measure?: true;
  readonly forThisMachine?: true;
  readonly force?: true;
  readonly threads?: number;
}

/** What the command line of `senet profile` says. */
export interface ProfileFlags extends CommonFlags, LoadOptions {
  readonly runs: number;
  readonly depth: number;
  readonly threads?: number;
}

/** What the command line of `senet complexity` says. */
export interface ComplexityFlags extends CommonFlags {
  readonly paper?: true;
}

/** What the command line of `senet insert` says. */
export interface InsertFlags extends CommonFlags, LoadOptions {
  readonly place: "auto" | PlaceKind;
  readonly where?: string;
  readonly stages?: readonly number[];
  readonly initial: "neutral" | "random";
  readonly force?: true;
  readonly threads?: number;
}

/** What the command line of `senet strip` says. */
export interface StripFlags extends CommonFlags, PreprocessingFlags {
  readonly where?: string;
  readonly stages?: readonly number[] | "last";
  readonly data?: string;
  readonly gate?: number;
  readonly images: number;
  readonly size?: readonly [height: number, width: number];
  readonly batch?: number;
  readonly force?: true;
  readonly threads?: number;
}

/** What the command line of `senet ablate` says. */
export interface AblateFlags extends CommonFlags {
  readonly list?: true;
  readonly data?: string;
  readonly epochs?: number;
  readonly seeds?: readonly number[];
  readonly limit?: number;
  readonly out?: string;
  readonly dryRun?: true;
  readonly yes?: true;
  readonly threads?: number;
}
