import { type Latency, type LatencyOptions, measureAlternating } from "../../analysis/latency.ts";
import { randomBatch } from "../step/random-batch.ts";
import type { StepRunner } from "../step/step-runner.ts";
import { TIMED_RATE } from "../step/timed-step.ts";
import type { TrainStep } from "../step/train-step.ts";
import type { TakenEngine } from "./create-runner-node.ts";
import type { EngineChoice, TrainEngine } from "./engine.ts";
import { openStepRunner } from "./open-step-runner-node.ts";

/** A training step whose time is to be measured. */
export interface TimedStep {
  readonly name: string;
  readonly engine: EngineChoice;
  /** Composed, not lowered. */
  readonly step: TrainStep;
}

/** How to time. */
export interface TimeStepsOptions extends LatencyOptions {
  /** Threads of the engine. Default: physical cores. */
  readonly threads?: number | undefined;
}

/** How long a training step takes, and on what. */
export interface StepLatency extends Latency {
  readonly engine: TrainEngine;
}

/** Times training steps by turns, each on one batch of random images. */
export async function timeSteps(
  steps: readonly TimedStep[],
  { threads, ...options }: TimeStepsOptions,
): Promise<StepLatency[]> {
  const runners: (StepRunner & TakenEngine)[] = [];
  try {
    for (const { engine, step } of steps) {
      runners.push(await openStepRunner(engine, step, { seed: 0, threads }));
    }
    const tasks = steps.map(({ name, step }, i) => {
      const batch = randomBatch(step);
      return { name, run: () => runners[i].run(batch, TIMED_RATE, 0) };
    });
    const latencies = await measureAlternating(tasks, options);
    return latencies.map((latency, i) => ({ ...latency, engine: runners[i].engine }));
  } finally {
    for (const runner of runners) await runner.dispose();
  }
}
