import { z } from "zod";
import { engineNames, type TrainEngine } from "./engine/engine.ts";
import type { Metrics } from "./metrics.ts";

/** One line of `log.jsonl`: an epoch. */
export interface EpochRecord {
  /** From 1. */
  readonly epoch: number;
  /** Steps done since the beginning of the run. */
  readonly step: number;
  readonly learningRate: number;
  /** On augmented batches, as they were trained on. */
  readonly train: Metrics;
  readonly test: Metrics;
  /** What computed its last step; earlier versions do not say. */
  readonly engine?: TrainEngine | undefined;
  /** Trained on, by the clock: loading included, evaluation not. */
  readonly imagesPerSecond: number;
  /** Median milliseconds of a step's computation. */
  readonly stepMs: number;
  /** Seconds since the epoch began or was resumed, evaluation included. */
  readonly seconds: number;
}

const metricsSchema = z.strictObject({ loss: z.number(), top1: z.number(), top5: z.number() });
export const epochRecordSchema: z.ZodType<EpochRecord> = z.strictObject({
  epoch: z.number().int().min(1),
  step: z.number().int().min(1),
  learningRate: z.number(),
  train: metricsSchema,
  test: metricsSchema,
  engine: z.enum(engineNames).optional(),
  imagesPerSecond: z.number(),
  stepMs: z.number(),
  seconds: z.number(),
});
