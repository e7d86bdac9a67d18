import type { ExperimentSpec } from "./spec.ts";
import type { VariantOutcome } from "./summarize.ts";

/** An experiment's outcome as plain data for `results.json`; what is not known is null. */
export function outcomeJson(spec: ExperimentSpec, outcomes: readonly VariantOutcome[]): unknown {
  return {
    experiment: spec,
    configurations: outcomes.map((outcome) => {
      const { name, configuration, model, recipe, se, complexity, accuracy, against } = outcome;
      return {
        name,
        configuration,
        model,
        ...(recipe !== "" && { recipe }),
        se: se ?? null,
        params: complexity.parameters,
        macs: complexity.macs,
        flops: complexity.flops,
        bytesMoved: complexity.bytesMoved,
        latencyMs: known(outcome.latencyMs),
        top1: {
          mean: known(accuracy.mean),
          std: known(accuracy.deviation),
          runs: accuracy.count,
        },
        against: against
          ? {
              name: against.name,
              difference: known(against.difference),
              standardError: known(against.standardError),
              insideNoise: against.insideNoise ?? null,
            }
          : null,
        onFront: outcome.onFront,
        runs: outcome.runs.map(({ seed, id, result }) => ({ seed, run: `runs/${id}`, ...result })),
      };
    }),
  };
}

/** The outcome as comma-separated values: one line a training, with what its configuration costs. */
export function outcomeCsv(outcomes: readonly VariantOutcome[]): string {
  const rows = outcomes.flatMap(({ configuration, model, recipe, complexity, latencyMs, runs }) =>
    runs.map(({ seed, id, result }) => {
      const finished = result.status === "finished" ? result : undefined;
      return [
        configuration,
        model,
        recipe,
        seed,
        result.status,
        finished?.test.top1,
        finished?.test.top5,
        finished?.test.loss,
        finished?.train.loss,
        complexity.parameters,
        complexity.macs,
        complexity.flops,
        complexity.bytesMoved,
        latencyMs,
        finished?.seconds,
        `runs/${id}`,
      ];
    }),
  );
  return [COLUMNS, ...rows].map((row) => `${row.map(field).join(",")}\n`).join("");
}

const COLUMNS = [
  "configuration",
  "model",
  "recipe",
  "seed",
  "status",
  "top1",
  "top5",
  "test_loss",
  "train_loss",
  "params",
  "macs",
  "flops",
  "bytes_moved",
  "latency_ms",
  "seconds",
  "run",
];

/** Quoted where needed (RFC 4180); a leading `=`, `+`, `-` or `@` of a text would be a formula to spreadsheets. */
function field(value: string | number | undefined): string {
  if (value === undefined) return "";
  const text = typeof value === "string" && /^[=+\-@]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function known(number: number): number | null {
  return Number.isFinite(number) ? number : null;
}
