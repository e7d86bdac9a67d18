import type { ExperimentSpec } from "./spec.ts";
import type { OutcomeRun, VariantOutcome } from "./summarize.ts";

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
  const rows = outcomes.flatMap((outcome) =>
    outcome.runs.map((run) => Object.values(COLUMNS).map((cell) => cell(outcome, run))),
  );
  return [Object.keys(COLUMNS), ...rows].map((row) => `${row.map(field).join(",")}\n`).join("");
}

const COLUMNS: Readonly<
  Record<string, (outcome: VariantOutcome, run: OutcomeRun) => string | number | undefined>
> = {
  configuration: ({ configuration }) => configuration,
  model: ({ model }) => model,
  recipe: ({ recipe }) => recipe,
  seed: (_, { seed }) => seed,
  status: (_, { result }) => result.status,
  top1: (_, run) => finished(run)?.test.top1,
  top5: (_, run) => finished(run)?.test.top5,
  test_loss: (_, run) => finished(run)?.test.loss,
  train_loss: (_, run) => finished(run)?.train.loss,
  params: ({ complexity }) => complexity.parameters,
  macs: ({ complexity }) => complexity.macs,
  flops: ({ complexity }) => complexity.flops,
  bytes_moved: ({ complexity }) => complexity.bytesMoved,
  latency_ms: ({ latencyMs }) => latencyMs,
  engine: (_, run) => finished(run)?.engine,
  seconds: (_, run) => finished(run)?.seconds,
  run: (_, { id }) => `runs/${id}`,
};

function finished({ result }: OutcomeRun) {
  return result.status === "finished" ? result : undefined;
}

/** Quoted where needed (RFC 4180); a leading `=`, `+`, `-` or `@` of a text would be a formula to spreadsheets. */
function field(value: string | number | undefined): string {
  if (value === undefined) return "";
  const text = typeof value === "string" && /^[=+\-@]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function known(number: number): number | null {
  return Number.isFinite(number) ? number : null;
}
