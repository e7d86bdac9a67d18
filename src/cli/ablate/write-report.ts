import { basename } from "node:path";
import { plural } from "../../base/format.ts";
import type { ExperimentSpec } from "../../experiment/spec.ts";
import type { VariantOutcome } from "../../experiment/summarize.ts";
import { writeFileAtomic } from "../../files/write-file-atomic-node.ts";
import { type ParetoPoint, paretoChart } from "../../report/pareto-chart.ts";
import { renderReport } from "../../report/report.ts";
import { outcomeTable } from "./table.ts";

export interface AblationReport {
  readonly spec: ExperimentSpec;
  readonly outcomes: readonly VariantOutcome[];
  readonly notes: readonly string[];
  /** The command line that makes it again. */
  readonly command: string;
}

/** Writes an experiment's outcome as one HTML file: accuracy against MACs and against latency, the table, and how to read it. */
export async function writeAblationReport(file: string, report: AblationReport): Promise<void> {
  const { spec, outcomes, notes, command } = report;
  const yLabel = `test accuracy (%): mean ± standard deviation over ${plural(spec.seeds.length, "seed")}`;
  const html = renderReport({
    title: `${spec.name}, on ${basename(spec.data)}`,
    ...(spec.about !== undefined && { subtitle: spec.about }),
    charts: [
      paretoChart(
        pointsOf(outcomes, ({ complexity }) => complexity.macs / 1e6, "macs"),
        { title: "Accuracy against MACs", xLabel: "MACs of one image (millions)", yLabel },
      ),
      paretoChart(
        pointsOf(outcomes, ({ latencyMs }) => latencyMs, "latency"),
        { title: "Accuracy against latency", xLabel: "milliseconds for one image", yLabel },
      ),
    ],
    table: outcomeTable(outcomes),
    notes: [
      ...notes,
      "In color and joined by steps: configurations that no other one beats both in cost and in mean accuracy.",
    ],
    command,
  });
  await writeFileAtomic(file, [html]);
}

function pointsOf(
  outcomes: readonly VariantOutcome[],
  cost: (outcome: VariantOutcome) => number,
  front: keyof VariantOutcome["onFront"],
): ParetoPoint[] {
  return outcomes.map((outcome) => ({
    name: outcome.name,
    x: cost(outcome),
    y: 100 * outcome.accuracy.mean,
    error: 100 * outcome.accuracy.deviation,
    onFront: outcome.onFront[front],
  }));
}
